package archtest_test

import (
	"os"
	"testing"

	"github.com/perennialauth/perennial/internal/archtest"
)

func mustLoad(t testing.TB) *archtest.Tree {
	t.Helper()
	tree, err := archtest.Load(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	// A loader that found nothing would make every check below pass.
	if len(tree.Files) < 5 {
		t.Fatalf("only %d files found: the repository root is not where this test expects it", len(tree.Files))
	}
	return tree
}

func report(t *testing.T, found []archtest.Finding) {
	t.Helper()
	for _, finding := range found {
		t.Error(finding)
	}
}

func TestImportsFollowTheTable(t *testing.T) {
	t.Parallel()
	report(t, archtest.CheckImports(mustLoad(t), archtest.Table))
}

func TestPurePackagesArePure(t *testing.T) {
	t.Parallel()
	report(t, archtest.CheckPurity(mustLoad(t), archtest.Purities))
}

func TestEveryPackageDescribesItself(t *testing.T) {
	t.Parallel()
	tree := mustLoad(t)
	report(t, archtest.CheckComments(tree))
	report(t, archtest.CheckNames(tree))
}

func TestEveryRuleHasAReason(t *testing.T) {
	t.Parallel()
	for i, rule := range archtest.Table {
		if rule.Reason == "" || len(rule.Of) == 0 {
			t.Errorf("rule %d has no reason or binds nothing: %+v", i, rule)
		}
	}
}

// TestTail fails nothing: it prints the largest pieces, so that growth is seen
// while it is still small. Run it with -v.
func TestTail(t *testing.T) {
	t.Parallel()
	tail := archtest.Tail(mustLoad(t), 10)
	for _, what := range []string{"file", "function", "struct", "interface", "imports"} {
		for _, size := range tail[what] {
			t.Logf("%-9s %5d  %s", size.What, size.N, size.Name)
		}
	}
}
