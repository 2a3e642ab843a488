//! An answer of a device authorization endpoint, or of a token endpoint.
#![cfg_attr(fuzzing, no_main)]

aig_auth_fuzz::target!(aig_auth::fuzzing::device_answer);
