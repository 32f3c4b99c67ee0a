/** The Expo config plugin: settings for the native side, and a check of autolinking. */
import { AndroidConfig, withAndroidManifest, withInfoPlist, type ConfigPlugin } from '@expo/config-plugins';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface PerennialPluginOptions {
  /** Another base URL than the publishable key names. */
  readonly server?: string;
  /** Tell the launch trace, to the system's log and to `trace()`. */
  readonly trace?: boolean;
}

export const metaDataNames = { server: 'dev.perennial.SERVER', trace: 'dev.perennial.TRACE' } as const;

interface Manifest {
  readonly expo?: { readonly autolinking?: { readonly exclude?: readonly string[] } };
}

/** Two native sides of one name cannot be in one app. */
export function assertExcluded(projectRoot: string): void {
  const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as Manifest;
  if (!manifest.expo?.autolinking?.exclude?.includes('@clerk/expo')) {
    throw new Error(
      'perennial-expo takes the place of the native side of @clerk/expo. Add to the package.json of the app:\n' +
        '  "expo": { "autolinking": { "exclude": ["@clerk/expo"] } }',
    );
  }
}

/** The entries of Info.plist, with what an earlier build left behind taken away. */
export function infoPlist(before: Record<string, unknown>, options: PerennialPluginOptions): Record<string, unknown> {
  const { PerennialServer: _server, PerennialTrace: _trace, ...rest } = before;
  return {
    ...rest,
    ...(options.server ? { PerennialServer: options.server } : {}),
    ...(options.trace ? { PerennialTrace: true } : {}),
  };
}

/** The same for the main application of the Android manifest. */
export function androidManifest(
  manifest: AndroidConfig.Manifest.AndroidManifest,
  options: PerennialPluginOptions,
): AndroidConfig.Manifest.AndroidManifest {
  const application = AndroidConfig.Manifest.getMainApplicationOrThrow(manifest);
  const wanted = { [metaDataNames.server]: options.server, [metaDataNames.trace]: options.trace ? 'true' : undefined };
  for (const [name, value] of Object.entries(wanted)) {
    AndroidConfig.Manifest.removeMetaDataItemFromMainApplication(application, name);
    if (value) AndroidConfig.Manifest.addMetaDataItemToMainApplication(application, name, value);
  }
  return manifest;
}

const withPerennial: ConfigPlugin<PerennialPluginOptions | void> = (config, given) => {
  const options = given ?? {};
  const withIos = withInfoPlist(config, (mod) => {
    assertExcluded(mod.modRequest.projectRoot);
    mod.modResults = infoPlist(mod.modResults, options) as typeof mod.modResults;
    return mod;
  });
  return withAndroidManifest(withIos, (mod) => {
    assertExcluded(mod.modRequest.projectRoot);
    mod.modResults = androidManifest(mod.modResults, options);
    return mod;
  });
};

export default withPerennial;
