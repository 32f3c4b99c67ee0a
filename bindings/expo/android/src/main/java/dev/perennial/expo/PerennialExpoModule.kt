// UNVERIFIED: not yet compiled on its platform. See README.md.
package dev.perennial.expo

import dev.perennial.mobile.Subscription
import expo.modules.kotlin.Promise
import expo.modules.kotlin.modules.Module
import expo.modules.kotlin.modules.ModuleDefinition

/** The native module of the 4.x generation: an Expo module of the published name. */
class PerennialExpoModule : Module() {
  private val subscriptions = mutableMapOf<String, Subscription>()

  private val host: PerennialHost
    get() = PerennialHost.of(requireNotNull(appContext.reactContext).applicationContext)

  override fun definition() = ModuleDefinition {
    Name("ClerkExpo")

    Events(*PerennialHost.events)

    AsyncFunction("configure") { publishableKey: String, bearerToken: String?, promise: Promise ->
      forward("configure", promise, "publishableKey" to publishableKey, "bearerToken" to bearerToken)
    }
    AsyncFunction("getClientToken") { promise: Promise ->
      forward("getClientToken", promise)
    }
    AsyncFunction("getAuthFlowState") { promise: Promise ->
      forward("getAuthFlowState", promise)
    }
    AsyncFunction("syncClientStateFromJs") { deviceToken: String?, sourceId: String?, didChangeClient: Boolean, didChangeDeviceToken: Boolean, promise: Promise ->
      forward("syncClientStateFromJs", promise, "deviceToken" to deviceToken, "sourceId" to sourceId, "didChangeClient" to didChangeClient, "didChangeDeviceToken" to didChangeDeviceToken)
    }
    AsyncFunction("endSession") { promise: Promise ->
      forward("endSession", promise)
    }
    AsyncFunction("refreshClient") { promise: Promise ->
      forward("refreshClient", promise)
    }
    AsyncFunction("getTrustedDeviceAvailability") { _: String?, _: String?, promise: Promise ->
      forward("getTrustedDeviceAvailability", promise)
    }
    AsyncFunction("listTrustedDevices") { promise: Promise ->
      forward("listTrustedDevices", promise)
    }
    AsyncFunction("enrollTrustedDevice") { _: String?, _: String?, _: String?, _: String, promise: Promise ->
      forward("enrollTrustedDevice", promise)
    }
    AsyncFunction("revokeTrustedDevice") { _: String, promise: Promise ->
      forward("revokeTrustedDevice", promise)
    }
    AsyncFunction("signInWithTrustedDevice") { _: String?, _: String?, _: String?, promise: Promise ->
      forward("signInWithTrustedDevice", promise)
    }
    for (event in PerennialHost.events) {
      OnStartObserving(event) { follow(event) }
      OnStopObserving(event) { unfollow(event) }
    }
    // The script goes; the native side and its session stay.
    OnDestroy {
      PerennialHost.events.forEach(::unfollow)
    }
    OnActivityEntersForeground {
      host.call("refreshClient", emptyMap(), {}, { _, _ -> })
    }
  }

  private fun forward(method: String, promise: Promise, vararg arguments: Pair<String, Any?>) =
    host.call(
      method, mapOf(*arguments),
      { value -> promise.resolve(value) },
      { code, message -> promise.reject(code, message, null) },
    )

  /** From the first listener of an event on. It hears first what it missed. */
  private fun follow(event: String) {
    val subscription = host.listen(event) { payload -> sendEvent(event, payload) } ?: return
    synchronized(subscriptions) { subscriptions.put(event, subscription) }?.stop()
  }

  private fun unfollow(event: String) {
    synchronized(subscriptions) { subscriptions.remove(event) }?.stop()
  }
}
