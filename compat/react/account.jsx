// What a signed-in person sees: the account, its second factor, the sessions of
// this browser and the organizations.
import { useAuth, useClerk, useOrganization, useOrganizationList, useSessionList, useUser } from '@clerk/react';
import { useState } from 'react';

import { Form } from './form.jsx';

export function Account() {
  const { user } = useUser();
  const { sessionId, orgId, orgRole } = useAuth();
  const clerk = useClerk();
  return (
    <section>
      <p id="email">{user.primaryEmailAddress?.emailAddress}</p>
      <p id="session">{sessionId}</p>
      <p id="acting">{orgId ? `${orgId} ${orgRole}` : 'alone'}</p>
      <button id="sign-out" onClick={() => clerk.signOut({ sessionId })}>
        Sign out
      </button>
      <SecondFactor user={user} />
      <Sessions current={sessionId} />
      <Organizations />
    </section>
  );
}

function SecondFactor({ user }) {
  const [made, setMade] = useState({});
  async function verify({ code }) {
    const { backupCodes } = await user.verifyTOTP({ code });
    setMade({ backupCodes });
    return { error: null };
  }
  return (
    <section>
      <p id="two-factor">{String(user.twoFactorEnabled)}</p>
      <button id="totp" onClick={async () => setMade({ secret: (await user.createTOTP()).secret })}>
        Set up
      </button>
      <p id="secret">{made.secret}</p>
      <p id="backup-codes">{made.backupCodes?.join(' ')}</p>
      <Form id="totp-code" fields={['code']} act={verify}>
        Verify
      </Form>
    </section>
  );
}

function Sessions({ current }) {
  const { sessions = [], setActive } = useSessionList();
  return (
    <ul id="sessions">
      {sessions
        .filter(session => session.id !== current)
        .map(session => (
          <li key={session.id}>
            <button onClick={() => setActive({ session: session.id })}>{session.user.primaryEmailAddress.emailAddress}</button>
          </li>
        ))}
    </ul>
  );
}

function Organizations() {
  const { createOrganization, setActive, userMemberships, userInvitations } = useOrganizationList({
    userMemberships: true,
    userInvitations: true,
  });
  const { organization, memberships, invitations } = useOrganization({ memberships: true, invitations: true });
  async function create({ name }) {
    const made = await createOrganization({ name });
    await setActive({ organization: made.id });
    await userMemberships.revalidate();
    return { error: null };
  }
  async function invite({ emailAddress }) {
    await organization.inviteMember({ emailAddress, role: 'org:member' });
    await invitations.revalidate();
    return { error: null };
  }
  return (
    <section>
      <p id="organization">{organization?.name}</p>
      <p id="members">{memberships?.data?.map(each => `${each.publicUserData.identifier} ${each.role}`).join(', ')}</p>
      <p id="invited">{invitations?.data?.map(each => each.emailAddress).join(', ')}</p>
      <Form id="create-organization" fields={['name']} act={create}>
        Create
      </Form>
      <Form id="invite" fields={['emailAddress']} act={invite}>
        Invite
      </Form>
      <button id="alone" onClick={() => setActive({ organization: null })}>
        Personal account
      </button>
      <ul id="memberships">
        {userMemberships?.data?.map(({ organization: { id, name } }) => (
          <li key={id}>
            <button onClick={() => setActive({ organization: id })}>{name}</button>
          </li>
        ))}
      </ul>
      <ul id="invitations">
        {userInvitations?.data?.map(invitation => (
          <li key={invitation.id}>
            <button
              onClick={async () => {
                await invitation.accept();
                await userMemberships.revalidate();
              }}
            >
              {invitation.publicOrganizationData.name}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
