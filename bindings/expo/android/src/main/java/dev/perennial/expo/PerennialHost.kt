// UNVERIFIED: not yet compiled on its platform. See README.md.
package dev.perennial.expo

import android.content.Context
import android.content.pm.PackageManager
import android.os.Bundle
import dev.perennial.mobile.ExpoListener
import dev.perennial.mobile.ExpoModule
import dev.perennial.mobile.Mobile
import dev.perennial.mobile.Subscription
import java.io.File
import java.util.concurrent.Executors
import org.json.JSONArray
import org.json.JSONObject

/**
 * The one native side of this process. A script that is reloaded comes to the
 * same one again, so it must outlive every module instance.
 */
class PerennialHost private constructor(context: Context) {
  private val calls = Executors.newCachedThreadPool()
  private val problem: String
  private val module: ExpoModule?

  init {
    val opened = runCatching { Mobile.openExpoModule(options(context).toString(), KeystoreStore(context)) }
    module = opened.getOrNull()
    problem = opened.exceptionOrNull()?.message.orEmpty()
  }

  /**
   * Calls a method of the core on a thread of its own: it blocks until it is
   * answered. The result is the value that the script gets.
   */
  fun call(
    method: String,
    arguments: Map<String, Any?>,
    resolve: (Any?) -> Unit,
    reject: (code: String, message: String) -> Unit,
  ) {
    val open = module ?: return reject("E_NOT_INITIALIZED", problem)
    val text = JSONObject(arguments.mapValues { it.value ?: JSONObject.NULL }).toString()
    calls.execute {
      val answer = runCatching { JSONObject(open.call(method, text)) }.getOrNull()
      val error = answer?.optJSONObject("error")
      when {
        answer == null -> reject("E_INTERNAL", "an answer that is no JSON")
        answer.optBoolean("ok") -> {
          val result = answer.optJSONObject("result")
          resolve(plain(if (result != null && result.has("value")) result.get("value") else result))
        }
        else -> {
          val kind = error?.optString("kind").orEmpty().ifEmpty { "internal" }
          val code = error?.optString("code").orEmpty().ifEmpty { "E_" + kind.uppercase().replace('-', '_') }
          reject(code, error?.optString("message").orEmpty().ifEmpty { kind })
        }
      }
    }
  }

  /** Follows an event: first what was missed, then every later one. */
  fun listen(event: String, receive: (Map<String, Any?>) -> Unit): Subscription? =
    runCatching {
      module?.listen(event, object : ExpoListener {
        override fun onEvent(payload: String) {
          @Suppress("UNCHECKED_CAST")
          receive(plain(JSONObject(payload)) as Map<String, Any?>)
        }
      })
    }.getOrNull()

  companion object {
    val events = arrayOf(
      "onAuthStateChange", "clerkNativeClientChanged", "clerkNativeAuthFlowChanged",
      "perennialVerdictChanged", "perennialTrace",
    )

    @Volatile private var one: PerennialHost? = null

    fun of(context: Context): PerennialHost =
      one ?: synchronized(this) { one ?: PerennialHost(context.applicationContext).also { one = it } }

    private fun options(context: Context): JSONObject {
      val locks = File(context.noBackupFilesDir, "perennial-locks").apply { mkdirs() }
      val settings: Bundle = context.packageManager
        .getApplicationInfo(context.packageName, PackageManager.GET_META_DATA).metaData ?: Bundle.EMPTY
      return JSONObject().put("vault", "host").put("lock_dir", locks.path).apply {
        settings.getString("dev.perennial.SERVER")?.let { put("server", it) }
        if (settings.get("dev.perennial.TRACE").toString() == "true") put("trace", true)
      }
    }

    /** Maps, lists and values instead of the classes of org.json. */
    fun plain(value: Any?): Any? = when (value) {
      null, JSONObject.NULL -> null
      is JSONObject -> value.keys().asSequence().associateWith { plain(value.get(it)) }
      is JSONArray -> (0 until value.length()).map { plain(value.get(it)) }
      else -> value
    }
  }
}
