// UNVERIFIED: not yet compiled on its platform. See README.md.
package dev.perennial.expo

import android.content.Context
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.KeyProperties
import dev.perennial.mobile.Mobile
import dev.perennial.mobile.Store
import dev.perennial.mobile.StoreValue
import java.io.File
import java.io.FileOutputStream
import java.io.IOException
import java.security.KeyStore
import java.security.MessageDigest
import javax.crypto.AEADBadTagException
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec

/**
 * The core's store: files sealed by a key of the Android keystore. What it must
 * promise is in docs/vaults.md: above all, what fails is never "absent", and
 * nothing is deleted because something failed.
 */
class KeystoreStore(context: Context) : Store {
  // Not part of a backup: the key that sealed it is not either.
  private val folder = File(context.noBackupFilesDir, "perennial").apply { mkdirs() }

  override fun get(name: String): StoreValue {
    val file = file(name)
    if (!file.exists()) return Mobile.newStoreAnswer(if (folder.canRead()) Mobile.StoreAbsent else Mobile.StoreFailed)
    return try {
      val sealed = file.readBytes()
      val key = key() ?: return Mobile.newStoreAnswer(Mobile.StoreKeyLost)
      val cipher = Cipher.getInstance(TRANSFORMATION)
      cipher.init(Cipher.DECRYPT_MODE, key, GCMParameterSpec(TAG_BITS, sealed, 0, NONCE_BYTES))
      cipher.updateAAD(name.toByteArray())
      StoreValue(cipher.doFinal(sealed, NONCE_BYTES, sealed.size - NONCE_BYTES))
    } catch (_: KeyPermanentlyInvalidatedException) {
      Mobile.newStoreAnswer(Mobile.StoreKeyLost)
    } catch (_: AEADBadTagException) {
      // Another key sealed it, or it is damaged. It may have been a bad read.
      Mobile.newStoreAnswer(Mobile.StoreFailed)
    } catch (_: Exception) {
      Mobile.newStoreAnswer(Mobile.StoreFailed)
    }
  }

  override fun put(name: String, value: ByteArray): String = try {
    val cipher = Cipher.getInstance(TRANSFORMATION)
    cipher.init(Cipher.ENCRYPT_MODE, key() ?: newKey())
    cipher.updateAAD(name.toByteArray())
    val sealed = cipher.iv + cipher.doFinal(value)
    val next = File(folder, file(name).name + ".next")
    FileOutputStream(next).use {
      it.write(sealed)
      it.fd.sync()
    }
    // Whole or not at all.
    if (!next.renameTo(file(name))) throw IOException("rename")
    Mobile.StoreDone
  } catch (_: Exception) {
    Mobile.StoreFailed
  }

  override fun remove(name: String): String =
    if (!file(name).exists() || file(name).delete()) Mobile.StoreDone else Mobile.StoreFailed

  private fun file(name: String): File {
    val digest = MessageDigest.getInstance("SHA-256").digest(name.toByteArray())
    return File(folder, digest.joinToString("") { "%02x".format(it) })
  }

  private fun key(): SecretKey? =
    KeyStore.getInstance(PROVIDER).apply { load(null) }.getKey(ALIAS, null) as SecretKey?

  @Synchronized
  private fun newKey(): SecretKey = key() ?: KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, PROVIDER).run {
    init(
      KeyGenParameterSpec.Builder(ALIAS, KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT)
        .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
        .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
        .setKeySize(KEY_BITS)
        .build(),
    )
    generateKey()
  }

  private companion object {
    const val PROVIDER = "AndroidKeyStore"
    const val ALIAS = "dev.perennial.store"
    const val TRANSFORMATION = "AES/GCM/NoPadding"
    const val KEY_BITS = 256
    const val TAG_BITS = 128
    const val NONCE_BYTES = 12
  }
}
