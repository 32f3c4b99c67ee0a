// The calls whose operations this server leaves out, or refuses whoever asks.
// docs/coverage.md says why each of them is.

/** They answer 501. What they are given only has to pass the SDK's own checks. */
export const leftOut = {
  'agentTasks.create': [{ onBehalfOf: { userId: 'user_1' }, permissions: '*', agentName: 'a', taskDescription: 't', redirectUrl: 'https://a.example' }],
  'agentTasks.revoke': ['task_1'],
  'apiKeys.list': [{ subject: 'user_1' }],
  'apiKeys.create': [{ name: 'key', subject: 'user_1' }],
  'apiKeys.get': ['ak_1'],
  'apiKeys.update': [{ apiKeyId: 'ak_1', subject: 'user_1' }],
  'apiKeys.delete': ['ak_1'],
  'apiKeys.revoke': [{ apiKeyId: 'ak_1' }],
  'apiKeys.getSecret': ['ak_1'],
  'apiKeys.verify': ['ak_secret'],
  'billing.getPlanList': [{}],
  'billing.cancelSubscriptionItem': ['si_1', {}],
  'billing.extendSubscriptionItemFreeTrial': ['si_1', { extendTo: new Date(0) }],
  'billing.getOrganizationBillingSubscription': ['org_1'],
  'billing.getUserBillingSubscription': ['user_1'],
  'domains.add': [{ name: 'satellite.example', is_satellite: true }],
  'domains.update': [{ domainId: 'dmn_1', name: 'other.example' }],
  'domains.delete': ['dmn_1'],
  'domains.deleteDomain': ['dmn_1'],
  'enterpriseConnections.createEnterpriseConnection': [{ name: 'c', domains: ['a.example'], provider: 'saml_custom' }],
  'enterpriseConnections.updateEnterpriseConnection': ['ec_1', { name: 'c' }],
  'enterpriseConnections.getEnterpriseConnectionList': [],
  'enterpriseConnections.getEnterpriseConnection': ['ec_1'],
  'enterpriseConnections.deleteEnterpriseConnection': ['ec_1'],
  'idPOAuthAccessToken.verify': ['oat_1'],
  'm2m.list': [{ subject: 'mch_1' }],
  'm2m.createToken': [{}],
  'm2m.revokeToken': [{ m2mTokenId: 'mt_1' }],
  'm2m.verify': [{ token: 'mt_secret' }],
  'machines.get': ['mch_1'],
  'machines.list': [],
  'machines.create': [{ name: 'm' }],
  'machines.update': [{ machineId: 'mch_1', name: 'm' }],
  'machines.delete': ['mch_1'],
  'machines.getSecretKey': ['mch_1'],
  'machines.rotateSecretKey': [{ machineId: 'mch_1', previousTokenTtl: 0 }],
  'machines.createScope': ['mch_1', 'mch_2'],
  'machines.deleteScope': ['mch_1', 'mch_2'],
  'oauthApplications.list': [],
  'oauthApplications.get': ['oa_1'],
  'oauthApplications.create': [{ name: 'a' }],
  'oauthApplications.update': [{ oauthApplicationId: 'oa_1', name: 'a' }],
  'oauthApplications.delete': ['oa_1'],
  'oauthApplications.rotateSecret': ['oa_1'],
  'oauthApplications.revokeToken': [{ oauthApplicationId: 'oa_1', token: 't' }],
  'samlConnections.getSamlConnectionList': [],
  'samlConnections.createSamlConnection': [{ name: 'c', provider: 'saml_custom', domain: 'a.example' }],
  'samlConnections.getSamlConnection': ['samlc_1'],
  'samlConnections.updateSamlConnection': ['samlc_1', { name: 'c' }],
  'samlConnections.deleteSamlConnection': ['samlc_1'],
  'users.deleteUserWeb3Wallet': [{ userId: 'user_1', web3WalletIdentificationId: 'idn_1' }],
  'webhooks.createSvixApp': [],
  'webhooks.generateSvixAuthURL': [],
  'webhooks.deleteSvixApp': [],
};

/** No document publishes their operations: there is nothing to leave out, and
 * the answer is that of every path that is not. */
export const unpublished = {
  '__experimental_accountlessApplications.createAccountlessApplication': [],
  '__experimental_accountlessApplications.completeAccountlessApplicationOnboarding': [],
  'betaFeatures.changeDomain': [{ homeUrl: 'https://a.example' }],
  'emails.create': [{ to: { userId: 'user_1' }, from: { address: 'a@example.com' }, subject: 's', text: 't' }],
  'emails.createBatch': [[{ to: { userId: 'user_1' }, from: { address: 'a@example.com' }, subject: 's', text: 't' }]],
  'emails.get': ['eml_1'],
};

/** They are answered, always with the same refusal. */
export const alwaysRefused = ['clients.getHandshakePayload', 'sessions.refreshSession'];
