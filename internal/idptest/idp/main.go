// Command idp runs the provider of package idptest for tests that are not
// written in Go: idp ADDRESS CALLBACK [NAME=EMAIL …]. It prints its issuer.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/perennialauth/perennial/internal/idptest"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "idp:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("usage: idp ADDRESS CALLBACK [NAME=EMAIL …]")
	}
	l, err := net.Listen("tcp", args[0]) //nolint:noctx // runs until it is killed
	if err != nil {
		return err
	}
	issuer := "http://" + l.Addr().String()
	p, err := idptest.New(issuer, args[1])
	if err != nil {
		return err
	}
	for _, person := range args[2:] {
		name, email, _ := strings.Cut(person, "=")
		p.Add(idptest.Person{ID: "id-" + name, Name: name, Email: email, EmailVerified: true, FirstName: name})
	}
	fmt.Println(issuer)
	s := &http.Server{Handler: p, ReadHeaderTimeout: 10 * time.Second}
	return s.Serve(l)
}
