// Package archtest owns the rules about the shape of this repository: who may
// import whom, which packages are pure, and what every package must say about
// itself. It offers checks that read source text and answer with findings, each
// carrying the reason for the rule it breaks. It refuses to judge behaviour:
// what code does is the business of the tests beside that code.
package archtest
