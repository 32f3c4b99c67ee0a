// Command ncrucessql measures github.com/ncruces/go-sqlite3 through database/sql.
package main

import (
	_ "github.com/ncruces/go-sqlite3/driver"

	"github.com/perennialauth/perennial/bench/sqlitedriver/load"
)

func main() { load.Run("ncruces/sql", load.DatabaseSQL("sqlite3")) }
