// The pages of organizations.
import { account } from '../instances.mjs';

export const organization = [
  {
    name: 'organization',
    async run(v) {
      const email = v.address('ada');
      await account(v.server, email, { first_name: 'Ada', last_name: 'Lovelace' });
      await v.signIn(email);
      await v.open('/organization');
      await v.state('none');
      await v.follow('organization.create.link');
      await v.state('create');
      await v.fill('organization.name', 'Analytical Engines');
      await v.fill('organization.slug', 'No Slug!');
      await v.press('organization.create.button');
      await v.state('bad short name');
      await v.fill('organization.slug', '');
      await v.press('organization.create.button');
      await v.says('organization.said.created');
      await v.state('general');
      await v.unfold('organization.delete.begin');
      await v.state('delete');
      await v.follow('organization.tab.members');
      await v.state('members');
      await v.follow('organization.tab.invitations');
      await v.fill('organization.invite.addresses', `${v.address('grace')} ${v.address('joan')}`);
      await v.press('organization.invite.button');
      await v.says('organization.said.invited');
      await v.state('invitations');
      await v.follow('organization.tab.domains');
      await v.state('domains');
      await v.fill('organization.domains.name', `engines${v.number().slice(1)}.dev`);
      await v.press('organization.domains.add_button');
      await v.says('organization.said.domain_added');
      await v.state('domain');
      await v.open('/organization');
      await v.state('list');
    },
  },
];
