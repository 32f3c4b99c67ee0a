// What the platform of this test has already.
