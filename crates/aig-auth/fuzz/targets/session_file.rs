//! A session file that anybody may have written.
#![cfg_attr(fuzzing, no_main)]

aig_auth_fuzz::target!(aig_auth::fuzzing::session_file);
