// UNVERIFIED: not yet compiled on its platform. See README.md.
//
// The native module of the 4.x generation: an Expo module of the published name.

import ExpoModulesCore
import Perennial

public final class PerennialExpoModule: Module {
  private var subscriptions: [String: MobileSubscription] = [:]
  private let lock = NSLock()

  public func definition() -> ModuleDefinition {
    Name("ClerkExpo")

    Events(PerennialHost.events)

    AsyncFunction("configure") { (publishableKey: String, bearerToken: String?, promise: Promise) in
      self.forward("configure", ["publishableKey": publishableKey, "bearerToken": bearerToken], promise)
    }
    AsyncFunction("getClientToken") { (promise: Promise) in
      self.forward("getClientToken", [:], promise)
    }
    AsyncFunction("getAuthFlowState") { (promise: Promise) in
      self.forward("getAuthFlowState", [:], promise)
    }
    AsyncFunction("syncClientStateFromJs") { (deviceToken: String?, sourceId: String?, didChangeClient: Bool, didChangeDeviceToken: Bool, promise: Promise) in
      self.forward("syncClientStateFromJs", ["deviceToken": deviceToken, "sourceId": sourceId, "didChangeClient": didChangeClient, "didChangeDeviceToken": didChangeDeviceToken], promise)
    }
    AsyncFunction("endSession") { (promise: Promise) in
      self.forward("endSession", [:], promise)
    }
    AsyncFunction("refreshClient") { (promise: Promise) in
      self.forward("refreshClient", [:], promise)
    }
    AsyncFunction("getTrustedDeviceAvailability") { (_: String?, _: String?, promise: Promise) in
      self.forward("getTrustedDeviceAvailability", [:], promise)
    }
    AsyncFunction("listTrustedDevices") { (promise: Promise) in
      self.forward("listTrustedDevices", [:], promise)
    }
    AsyncFunction("enrollTrustedDevice") { (_: String?, _: String?, _: String?, _: String, promise: Promise) in
      self.forward("enrollTrustedDevice", [:], promise)
    }
    AsyncFunction("revokeTrustedDevice") { (_: String, promise: Promise) in
      self.forward("revokeTrustedDevice", [:], promise)
    }
    AsyncFunction("signInWithTrustedDevice") { (_: String?, _: String?, _: String?, promise: Promise) in
      self.forward("signInWithTrustedDevice", [:], promise)
    }
    OnStartObserving("onAuthStateChange") { self.follow("onAuthStateChange") }
    OnStopObserving("onAuthStateChange") { self.unfollow("onAuthStateChange") }
    OnStartObserving("clerkNativeClientChanged") { self.follow("clerkNativeClientChanged") }
    OnStopObserving("clerkNativeClientChanged") { self.unfollow("clerkNativeClientChanged") }
    OnStartObserving("clerkNativeAuthFlowChanged") { self.follow("clerkNativeAuthFlowChanged") }
    OnStopObserving("clerkNativeAuthFlowChanged") { self.unfollow("clerkNativeAuthFlowChanged") }
    OnStartObserving("perennialVerdictChanged") { self.follow("perennialVerdictChanged") }
    OnStopObserving("perennialVerdictChanged") { self.unfollow("perennialVerdictChanged") }
    OnStartObserving("perennialTrace") { self.follow("perennialTrace") }
    OnStopObserving("perennialTrace") { self.unfollow("perennialTrace") }
    // The script goes; the native side and its session stay.
    OnDestroy {
      PerennialHost.events.forEach { self.unfollow($0) }
    }
    OnAppEntersForeground {
      Task { try? await PerennialHost.shared.call("refreshClient") }
    }
  }

  private func forward(_ method: String, _ arguments: [String: Any?], _ promise: Promise) {
    Task {
      do {
        promise.resolve(try await PerennialHost.shared.call(method, arguments))
      } catch let failure as PerennialFailure {
        promise.reject(failure.code, failure.message)
      } catch {
        promise.reject("E_INTERNAL", error.localizedDescription)
      }
    }
  }

  /// From the first listener of an event on. It hears first what it missed.
  private func follow(_ event: String) {
    let subscription = PerennialHost.shared.listen(event) { [weak self] payload in
      self?.sendEvent(event, payload)
    }
    lock.lock()
    defer { lock.unlock() }
    subscriptions[event]?.stop()
    subscriptions[event] = subscription
  }

  private func unfollow(_ event: String) {
    lock.lock()
    defer { lock.unlock() }
    subscriptions.removeValue(forKey: event)?.stop()
  }
}
