// The 3.2.x generation finds its native side through React Native's own autolinking.
module.exports = {
  dependency: {
    platforms: {
      ios: {},
      android: {
        packageImportPath: 'import dev.perennial.expo.PerennialPackage;',
        packageInstance: 'new PerennialPackage()',
      },
    },
  },
};
