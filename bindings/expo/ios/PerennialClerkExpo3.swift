// UNVERIFIED: not yet compiled on its platform. See README.md.
//
// The native module of the 3.2.x generation, which looks for it among React
// Native's own modules.

import Foundation
import Perennial
import React

@objc(PerennialClerkExpo3)
final class PerennialClerkExpo3: RCTEventEmitter {
  private static let event = "onAuthStateChange"
  private var subscription: MobileSubscription?

  override static func moduleName() -> String! { "ClerkExpo" }
  override static func requiresMainQueueSetup() -> Bool { false }
  override func supportedEvents() -> [String]! { [PerennialClerkExpo3.event] }

  // Only now does the script hear anything; it hears first what it missed.
  override func startObserving() {
    subscription = PerennialHost.shared.listen(PerennialClerkExpo3.event) { [weak self] payload in
      self?.sendEvent(withName: PerennialClerkExpo3.event, body: payload)
    }
  }

  override func stopObserving() {
    subscription?.stop()
    subscription = nil
  }

  @objc func configure(
    _ publishableKey: String, bearerToken: String?,
    resolve: @escaping RCTPromiseResolveBlock, reject: @escaping RCTPromiseRejectBlock
  ) {
    forward("configure", ["publishableKey": publishableKey, "bearerToken": bearerToken], resolve, reject)
  }

  @objc func getSession(_ resolve: @escaping RCTPromiseResolveBlock, reject: @escaping RCTPromiseRejectBlock) {
    forward("getSession", [:], resolve, reject)
  }

  @objc func getClientToken(_ resolve: @escaping RCTPromiseResolveBlock, reject: @escaping RCTPromiseRejectBlock) {
    forward("getClientToken", [:], resolve, reject)
  }

  @objc func signOut(_ resolve: @escaping RCTPromiseResolveBlock, reject: @escaping RCTPromiseRejectBlock) {
    forward("signOut", [:], resolve, reject)
  }

  @objc func presentAuth(
    _ options: NSDictionary,
    resolve: @escaping RCTPromiseResolveBlock, reject: @escaping RCTPromiseRejectBlock
  ) {
    forward("presentAuth", [:], resolve, reject)
  }

  @objc func presentUserProfile(
    _ options: NSDictionary,
    resolve: @escaping RCTPromiseResolveBlock, reject: @escaping RCTPromiseRejectBlock
  ) {
    forward("presentUserProfile", [:], resolve, reject)
  }

  private func forward(
    _ method: String, _ arguments: [String: Any?],
    _ resolve: @escaping RCTPromiseResolveBlock, _ reject: @escaping RCTPromiseRejectBlock
  ) {
    Task {
      do {
        resolve(try await PerennialHost.shared.call(method, arguments))
      } catch let failure as PerennialFailure {
        reject(failure.code, failure.message, nil)
      } catch {
        reject("E_INTERNAL", error.localizedDescription, error)
      }
    }
  }
}
