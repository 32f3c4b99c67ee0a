// Package apitest owns how HTTP behaviour is tested: against the published
// documents of both APIs, on the real store.
//
// It offers [Published], which holds every answer against the documents.
//
// It refuses mocks and is imported by tests only.
package apitest
