##! What a certificate has in it, as far as scripts are told.

module X509;

export {
    type Certificate: record {
        version: count &log;
        serial: string &log;             # in hex
        subject: string &log;
        issuer: string &log;
        cn: string &optional;            # the last common name of the subject
        not_valid_before: time &log;
        not_valid_after: time &log;
        key_alg: string &log;
        sig_alg: string &log;
        # Of a key that could be parsed: rsa, dsa or ecdsa, and its length in bits.
        key_type: string &optional &log;
        key_length: count &optional &log;
        exponent: string &optional &log; # of an RSA key
        curve: string &optional &log;    # of an ECDSA key
        # As inside of what is signed; should be the same as sig_alg.
        tbs_sig_alg: string;
    };
}

module GLOBAL;
