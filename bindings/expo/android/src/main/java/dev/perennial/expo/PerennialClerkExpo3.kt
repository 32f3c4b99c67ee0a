// UNVERIFIED: not yet compiled on its platform. See README.md.
package dev.perennial.expo

import com.facebook.react.ReactPackage
import com.facebook.react.bridge.Arguments
import com.facebook.react.bridge.NativeModule
import com.facebook.react.bridge.Promise
import com.facebook.react.bridge.ReactApplicationContext
import com.facebook.react.bridge.ReactContextBaseJavaModule
import com.facebook.react.bridge.ReactMethod
import com.facebook.react.bridge.ReadableMap
import com.facebook.react.uimanager.ViewManager
import dev.perennial.mobile.Subscription

/**
 * The native module of the 3.2.x generation, which looks for it among React
 * Native's own modules.
 */
class PerennialClerkExpo3(private val context: ReactApplicationContext) : ReactContextBaseJavaModule(context) {
  private val host = PerennialHost.of(context)
  private var subscription: Subscription? = null
  private var listeners = 0

  override fun getName() = "ClerkExpo"

  @ReactMethod
  fun configure(publishableKey: String, bearerToken: String?, promise: Promise) =
    forward("configure", promise, "publishableKey" to publishableKey, "bearerToken" to bearerToken)

  @ReactMethod fun getSession(promise: Promise) = forward("getSession", promise)

  @ReactMethod fun getClientToken(promise: Promise) = forward("getClientToken", promise)

  @ReactMethod fun signOut(promise: Promise) = forward("signOut", promise)

  @ReactMethod fun presentAuth(options: ReadableMap, promise: Promise) = forward("presentAuth", promise)

  @ReactMethod fun presentUserProfile(options: ReadableMap, promise: Promise) = forward("presentUserProfile", promise)

  /** From the first listener on. It hears first what it missed. */
  @ReactMethod
  @Synchronized
  fun addListener(event: String) {
    if (event != EVENT || listeners++ > 0) return
    subscription = host.listen(EVENT) { payload -> context.emitDeviceEvent(EVENT, Arguments.makeNativeMap(payload)) }
  }

  @ReactMethod
  @Synchronized
  fun removeListeners(count: Int) {
    listeners = maxOf(0, listeners - count)
    if (listeners == 0) stop()
  }

  @Synchronized
  override fun invalidate() {
    stop()
    super.invalidate()
  }

  private fun stop() {
    subscription?.stop()
    subscription = null
  }

  private fun forward(method: String, promise: Promise, vararg arguments: Pair<String, Any?>) = host.call(
    method, mapOf(*arguments),
    { value -> promise.resolve(bridged(value)) },
    { code, message -> promise.reject(code, message) },
  )

  @Suppress("UNCHECKED_CAST")
  private fun bridged(value: Any?): Any? =
    if (value is Map<*, *>) Arguments.makeNativeMap(value as Map<String, Any?>) else value

  private companion object {
    const val EVENT = "onAuthStateChange"
  }
}

class PerennialPackage : ReactPackage {
  override fun createNativeModules(context: ReactApplicationContext): List<NativeModule> = listOf(PerennialClerkExpo3(context))

  override fun createViewManagers(context: ReactApplicationContext): List<ViewManager<*, *>> = emptyList()
}
