import { useSignUp } from '@clerk/react';

import { Form } from './form.jsx';

export function SignUpForm() {
  const { signUp } = useSignUp();
  if (!signUp) return null;
  async function begin({ emailAddress, password }) {
    const created = await signUp.password({ emailAddress, password });
    return created.error ? created : signUp.verifications.sendEmailCode();
  }
  async function prove({ code }) {
    const proven = await signUp.verifications.verifyEmailCode({ code });
    return proven.error ? proven : signUp.finalize();
  }
  return (
    <section>
      <p id="sign-up-status">{signUp.status}</p>
      <Form id="sign-up" fields={['emailAddress', 'password']} act={begin}>
        Sign up
      </Form>
      <Form id="sign-up-code" fields={['code']} act={prove}>
        Prove
      </Form>
    </section>
  );
}
