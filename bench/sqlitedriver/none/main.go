// Command none links no database, to know what a program weighs without one.
package main

import (
	_ "database/sql"
	_ "net/http"
)

func main() {}
