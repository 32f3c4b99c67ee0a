// UNVERIFIED: not yet compiled on its platform. See README.md.
//
// The one native side of this process. A script that is reloaded comes to the
// same one again, so it must outlive every module instance.

import Foundation
import Perennial

struct PerennialFailure: Error {
  let code: String
  let message: String
}

final class PerennialHost {
  static let shared = PerennialHost()

  static let events = [
    "onAuthStateChange", "clerkNativeClientChanged", "clerkNativeAuthFlowChanged",
    "perennialVerdictChanged", "perennialTrace",
  ]

  private let module: MobileExpoModule?
  private let problem: String
  // Calls block until they are answered; none may run on the main thread.
  private let calls = DispatchQueue(label: "dev.perennial.calls", attributes: .concurrent)

  private init() {
    var options: [String: Any] = ["vault": "host"]
    if let server = Bundle.main.object(forInfoDictionaryKey: "PerennialServer") as? String {
      options["server"] = server
    }
    if Bundle.main.object(forInfoDictionaryKey: "PerennialTrace") as? Bool == true {
      options["trace"] = true
    }
    if let folder = try? FileManager.default.url(
      for: .applicationSupportDirectory, in: .userDomainMask, appropriateFor: nil, create: true
    ).appendingPathComponent("perennial", isDirectory: true) {
      try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      options["lock_dir"] = folder.path
    }
    var error: NSError?
    module = MobileOpenExpoModule(PerennialHost.json(options), KeychainStore(), &error)
    problem = error?.localizedDescription ?? ""
  }

  /// Calls a method of the core. The answer is the value that the script gets.
  func call(_ method: String, _ arguments: [String: Any?] = [:]) async throws -> Any? {
    guard let module else {
      throw PerennialFailure(code: "E_NOT_INITIALIZED", message: problem)
    }
    let text = PerennialHost.json(arguments.mapValues { $0 ?? NSNull() })
    let answer: String = await withCheckedContinuation { done in
      calls.async { done.resume(returning: module.call(method, arguments: text)) }
    }
    guard
      let parsed = try? JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any],
      let ok = parsed["ok"] as? Bool
    else {
      throw PerennialFailure(code: "E_INTERNAL", message: "an answer that is no JSON")
    }
    if !ok {
      let error = parsed["error"] as? [String: Any] ?? [:]
      let kind = error["kind"] as? String ?? "internal"
      let code = error["code"] as? String ?? "E_" + kind.uppercased().replacingOccurrences(of: "-", with: "_")
      throw PerennialFailure(code: code, message: error["message"] as? String ?? kind)
    }
    let result = parsed["result"] as? [String: Any]
    if let value = result?["value"] {
      return value is NSNull ? nil : value
    }
    return result
  }

  /// Follows an event: first what was missed, then every later one.
  func listen(_ event: String, _ receive: @escaping ([String: Any]) -> Void) -> MobileSubscription? {
    try? module?.listen(event, listener: EventListener(receive))
  }

  private static func json(_ object: Any) -> String {
    guard let data = try? JSONSerialization.data(withJSONObject: object) else { return "{}" }
    return String(decoding: data, as: UTF8.self)
  }
}

private final class EventListener: NSObject, MobileExpoListenerProtocol {
  private let receive: ([String: Any]) -> Void

  init(_ receive: @escaping ([String: Any]) -> Void) {
    self.receive = receive
  }

  func onEvent(_ payload: String?) {
    guard let payload, let object = try? JSONSerialization.jsonObject(with: Data(payload.utf8)) as? [String: Any] else {
      return
    }
    receive(object)
  }
}
