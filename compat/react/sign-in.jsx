import { useSignIn } from '@clerk/react';

import { Form } from './form.jsx';

export function SignInForm() {
  const { signIn } = useSignIn();
  if (!signIn) return null;
  const finish = async step => {
    if (step.error) return step;
    return signIn.status === 'complete' ? signIn.finalize() : { error: null };
  };
  return (
    <section>
      <p id="sign-in-status">{signIn.status}</p>
      <Form id="sign-in" fields={['identifier', 'password']} act={async fields => finish(await signIn.password(fields))}>
        Sign in
      </Form>
      <Form id="sign-in-mail" fields={['emailAddress']} act={fields => signIn.emailCode.sendCode(fields)}>
        Send a code
      </Form>
      <Form id="sign-in-code" fields={['code']} act={async fields => finish(await signIn.emailCode.verifyCode(fields))}>
        Prove
      </Form>
      <Form id="second-factor" fields={['code']} act={async fields => finish(await signIn.mfa.verifyTOTP(fields))}>
        Second factor
      </Form>
      <Form id="backup-code" fields={['code']} act={async fields => finish(await signIn.mfa.verifyBackupCode(fields))}>
        Backup code
      </Form>
    </section>
  );
}
