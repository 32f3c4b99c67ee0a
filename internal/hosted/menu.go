package hosted

// menu leads between the pages of somebody who is signed in.
type menu struct {
	Account       bool // the page is about the account, and not about an organization
	Organizations bool // the instance has them
}

// menu is the menu of a page about an account, or about an organization.
func (p *Pages) menu(account bool) *menu {
	return &menu{Account: account, Organizations: p.Settings().Organizations.Enabled}
}
