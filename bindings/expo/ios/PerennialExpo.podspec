require 'json'

package = JSON.parse(File.read(File.join(__dir__, '..', 'package.json')))

Pod::Spec.new do |s|
  s.name         = 'PerennialExpo'
  s.version      = package['version']
  s.summary      = package['description']
  s.license      = package['license']
  s.author       = 'The Perennial authors'
  s.homepage     = 'https://github.com/perennialauth/perennial'
  s.source       = { git: s.homepage }
  s.platforms    = { ios: '15.1' }
  s.swift_version = '5.9'
  s.source_files = '*.{swift,m}'
  # Made with gomobile; see README.md.
  s.vendored_frameworks = 'Perennial.xcframework'
  # The resolver of the Go runtime.
  s.libraries = 'resolv'
  s.dependency 'ExpoModulesCore'
  s.dependency 'React-Core'
end
