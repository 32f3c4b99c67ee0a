// Command modernc measures modernc.org/sqlite through database/sql, its only interface.
package main

import (
	_ "modernc.org/sqlite"

	"github.com/perennialauth/perennial/bench/sqlitedriver/load"
)

func main() { load.Run("modernc/sql", load.DatabaseSQL("sqlite")) }
