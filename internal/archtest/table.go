package archtest

// A Rule says what the packages under some folders may import. Paths without a
// dot in the first element are the standard library's unless they start with
// one of this module's own folders; a path covers everything below it.
type Rule struct {
	Of     []string // folders the rule is about; "*" is all
	Except []string // folders below Of that the rule spares
	Tests  bool     // the rule binds _test.go files too

	Std       []string // if not nil, the only standard packages allowed
	Own       []string // if not nil, the only packages of ours allowed
	NoVendors bool     // nothing from outside the standard library and this module

	Deny []string // never, whatever the lists above say
	But  []string // exceptions from Deny

	Reason string
}

var (
	useCases = []string{
		"internal/signin", "internal/signup", "internal/session", "internal/user", "internal/browserflow", "internal/emaillink",
		"internal/organization", "internal/handshake", "internal/instance", "internal/admission",
	}
	httpPackages = []string{
		"internal/frontendapi", "internal/backendapi", "internal/hosted",
		"internal/server", "internal/respond", "internal/assets", "internal/inbox",
	}
	databases = []string{
		"database/sql", "github.com/ncruces/go-sqlite3", "modernc.org/sqlite",
		"github.com/mattn/go-sqlite3", "github.com/jackc/pgx", "github.com/pressly/goose",
	}
	testSupport = []string{
		"internal/storetest", "internal/apitest", "internal/archtest", "internal/idptest", "device/vault/vaulttest",
	}
)

// Table is the import table. A rule for a package that does not exist yet
// binds from its first file on.
var Table = []Rule{
	{
		Of:  []string{"device/core"},
		Std: []string{"cmp", "encoding/binary", "errors", "fmt", "maps", "slices", "strconv", "strings", "time"},
		Own: []string{"device/core"}, NoVendors: true,
		Reason: "the device's decisions are a function of state, instant and event; whatever could reach the world would make them unrepeatable",
	},
	{
		Of: []string{"wire"}, Own: []string{"wire"}, NoVendors: true,
		Deny:   []string{"net/http", "database/sql", "os"},
		Reason: "wire is the shape of JSON and nothing else, so that devices can link it for free",
	},
	{
		Of: []string{"device"}, Deny: []string{"internal", "cmd", "sim"},
		Reason: "an app links the device package; the server must not come along",
	},
	{
		Of: []string{"device/shell"}, Own: []string{"device/core", "device/shell", "device/vault"},
		Deny: []string{"net/http", "device/vault/vaulttest", "device/vault/memvault", "device/vault/filevault",
			"device/vault/keyringvault"},
		Reason: "the shell performs effects through ports; an adapter named here could not be replaced",
	},
	{
		Of:  []string{"device/transport"},
		Own: []string{"device/core", "device/transport", "device/publishablekey", "device/proofkey", "wire"},
		Reason: "the transport turns request effects into HTTP and answers into events; it knows neither " +
			"the loop nor the store",
	},
	{
		Of: []string{"device/vault"}, Own: []string{"device/vault"},
		Deny:   []string{"net/http"},
		Reason: "a vault keeps sealed bytes; it must be unable to interpret them",
	},
	{
		Of: []string{"device/publishablekey"}, Own: []string{}, NoVendors: true,
		Reason: "both halves parse the same key, so the parser depends on neither",
	},
	{
		Of: []string{"device/proofkey"}, Own: []string{"device/proofkey"}, NoVendors: true,
		Deny:   []string{"net/http", "os"},
		Reason: "a host may put the key store of its platform behind this port, so nothing may come with it",
	},
	{
		Of: []string{"internal/proof"}, Own: []string{"internal/proof"}, NoVendors: true,
		Deny:   []string{"net/http", "os", "database/sql"},
		Reason: "whether a proof is good is decided from the request it came with and nothing else",
	},
	{
		Of: []string{"internal/auth"}, Own: []string{"internal/auth"}, NoVendors: true,
		Deny: []string{"net/http", "database/sql", "os", "crypto/rand", "math/rand", "context", "log",
			"sync", "io/fs", "syscall"},
		Reason: "rules are decided from arguments: time, randomness and stored rows are given to them",
	},
	{
		Of: []string{"internal/factor", "internal/token", "internal/password", "internal/secret"},
		Own: []string{
			"internal/auth", "internal/factor", "internal/token", "internal/password", "internal/secret",
		},
		Deny:   databases,
		Reason: "cryptography serves the rules; it knows no use case, store or HTTP",
	},
	{
		Of: []string{"internal/oauth"}, Own: []string{"internal/auth", "internal/oauth"}, Deny: databases,
		Reason: "what a provider says is turned into a noun here; whose account it is, use cases decide",
	},
	{
		Of: useCases,
		Deny: append(append([]string{"net/http", "wire", "internal/sqlstore", "device", "html/template"}, databases...),
			httpPackages...),
		Reason: "a use case reads the same whether called over HTTP or from a test, on either database",
	},
	{
		Of: useCases, Deny: useCases,
		Reason: "what two use cases share is a rule, and rules belong in internal/auth",
	},
	{
		Of: []string{"internal/sqlstore"},
		Deny: append(append([]string{"net/http", "wire", "device", "internal/notify", "internal/factor"}, useCases...),
			httpPackages...),
		Reason: "the store maps aggregates to rows; a rule written there could not be tested without SQL",
	},
	{
		Of: []string{"internal/notify"}, Deny: append(append([]string{"internal/sqlstore", "wire"}, useCases...), httpPackages...),
		Reason: "a message is plain data in an outbox; delivering it needs no rule",
	},
	{
		Of:     []string{"internal/frontendapi", "internal/backendapi", "internal/hosted", "internal/respond", "internal/assets", "internal/inbox"},
		Deny:   append([]string{"internal/sqlstore"}, databases...),
		Reason: "a handler decodes, calls one use case and encodes; SQL here would be a rule nobody finds",
	},
	{
		Of: []string{"internal/server"}, Deny: append([]string{"internal/sqlstore"}, databases...),
		Reason: "the server mounts handlers and stops gracefully; only cmd/perennial knows the store",
	},
	{
		Of: []string{"*"}, Except: []string{"internal/sqlstore", "internal/storetest", "cmd", "bench", "internal/faultlab"},
		Deny:   databases,
		Reason: "all SQL lives in internal/sqlstore, so that one place answers for both dialects",
	},
	{
		Of: []string{"internal", "wire"}, Except: []string{"internal/demo"}, Tests: true,
		Deny: []string{"device"}, But: []string{"device/publishablekey"},
		Reason: "the two halves meet on the wire and nowhere else",
	},
	{
		Of: []string{"*"}, Except: []string{"cmd"}, Tests: true, Deny: []string{"cmd"},
		Reason: "cmd/perennial knows every concrete type, so nothing may know it",
	},
	{
		Of: []string{"*"}, Except: []string{"sim"}, Tests: true, Deny: []string{"sim"},
		Reason: "the simulated world looks at the real code, never the reverse",
	},
	{
		Of:     []string{"*"},
		Except: append([]string{"sim", "conformance", "bench"}, testSupport...),
		Deny:   append([]string{"testing", "github.com/google/go-cmp", "pgregory.net/rapid"}, testSupport...),
		Reason: "code that ships must not know that tests exist",
	},
}
