exports.maybeCompleteAuthSession = () => ({ type: 'failed' });
exports.openAuthSessionAsync = async () => ({ type: 'cancel' });
exports.dismissBrowser = () => {};
