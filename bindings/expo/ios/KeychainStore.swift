// UNVERIFIED: not yet compiled on its platform. See README.md.
//
// The core's store in the keychain. What it must promise is in docs/vaults.md:
// above all, "locked" and "failed" are never "absent", and nothing is deleted
// because something failed.

import Foundation
import Perennial
import Security

final class KeychainStore: NSObject, MobileStoreProtocol {
  private let service = "dev.perennial.store"

  func get(_ name: String?) -> MobileStoreValue? {
    var query = item(name)
    query[kSecReturnData as String] = true
    query[kSecMatchLimit as String] = kSecMatchLimitOne
    var found: CFTypeRef?
    let status = SecItemCopyMatching(query as CFDictionary, &found)
    if status == errSecSuccess, let data = found as? Data {
      return MobileNewStoreValue(data)
    }
    return MobileNewStoreAnswer(answer(status))
  }

  func put(_ name: String?, value: Data?) -> String {
    let query = item(name)
    let attributes: [String: Any] = [kSecValueData as String: value ?? Data()]
    var status = SecItemUpdate(query as CFDictionary, attributes as CFDictionary)
    if status == errSecItemNotFound {
      var addition = query.merging(attributes) { _, new in new }
      // Readable after the first unlock since the last start, in the background
      // too; never part of a backup that another device restores.
      addition[kSecAttrAccessible as String] = kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly
      status = SecItemAdd(addition as CFDictionary, nil)
    }
    return status == errSecSuccess ? MobileStoreDone : answer(status)
  }

  func remove(_ name: String?) -> String {
    let status = SecItemDelete(item(name) as CFDictionary)
    return status == errSecSuccess || status == errSecItemNotFound ? MobileStoreDone : answer(status)
  }

  private func item(_ name: String?) -> [String: Any] {
    [
      kSecClass as String: kSecClassGenericPassword,
      kSecAttrService as String: service,
      kSecAttrAccount as String: name ?? "",
    ]
  }

  private func answer(_ status: OSStatus) -> String {
    switch status {
    case errSecItemNotFound:
      return MobileStoreAbsent
    case errSecInteractionNotAllowed, errSecNotAvailable:
      return MobileStoreLocked
    case errSecAuthFailed, errSecMissingEntitlement:
      return MobileStoreDenied
    default:
      return MobileStoreFailed
    }
  }
}
