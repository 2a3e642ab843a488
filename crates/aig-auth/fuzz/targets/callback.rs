//! A request to the loopback listener of a sign-in.
#![cfg_attr(fuzzing, no_main)]

aig_auth_fuzz::target!(aig_auth::fuzzing::callback);
