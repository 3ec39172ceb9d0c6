# What is in a certificate.
const ec = "MIIB1jCCAX2gAwIBAgIEAMD/7jAKBggqhkjOPQQDAjBJMQswCQYDVQQGEwJYWDEQMA4GA1UECgwHRXhhbXBsZTEOMAwGA1UEAwwFZmlyc3QxGDAWBgNVBAMMD3d3dy5leGFtcGxlLm9yZzAeFw0yNjExMjQyMTAyMDdaFw0zNjExMjEyMTAyMDdaMEkxCzAJBgNVBAYTAlhYMRAwDgYDVQQKDAdFeGFtcGxlMQ4wDAYDVQQDDAVmaXJzdDEYMBYGA1UEAwwPd3d3LmV4YW1wbGUub3JnMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEJT1hVNVy5BQC/E+r1lReuYdSM+ruQgUVBuCBMP32M2ymgey/vCK7D1Za6ev86TB8HseUsuCtEmiwJzL7nKgX4qNTMFEwHQYDVR0OBBYEFBDsH4pUqM3KXOCTTE1G50fM2rIcMB8GA1UdIwQYMBaAFBDsH4pUqM3KXOCTTE1G50fM2rIcMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgCa4OSsI01/NairkjUIyW3q9PBf0xYngnBgIgfzWDLAMCIBq8nIshSQZMqbSpGpth6TcxOdJxDiPhKYgHgowVWuJz";
const rsa = "MIIB9zCCAWCgAwIBAgIDAP8BMA0GCSqGSIb3DQEBCwUAMBYxFDASBgNVBAMMC3JzYS5leGFtcGxlMB4XDTI2MTEyNDIxMDIwOFoXDTM2MTEyMTIxMDIwOFowFjEUMBIGA1UEAwwLcnNhLmV4YW1wbGUwgZ8wDQYJKoZIhvcNAQEBBQADgY0AMIGJAoGBALP1zOlcaFt8E+AbkXZjcHHY8UdpkP/6D5weFHkB628q+NO2wsEsCI85KsZeNgdB5b3FsPZvm2XMh6GD6p1rHF1m59BloTCBvYGqySqdVaI0jHUGelb/oaY7r/PURIMX8yxbzWF4JHE8XnTlN4p4TBBMnrwG7Q6VQB6+ljcKwkQnAgMBAAGjUzBRMB0GA1UdDgQWBBRltC5ZppYXzGXyBnMB/LMAFfRmPTAfBgNVHSMEGDAWgBRltC5ZppYXzGXyBnMB/LMAFfRmPTAPBgNVHRMBAf8EBTADAQH/MA0GCSqGSIb3DQEBCwUAA4GBAAFHi3YVIPg9J9sWovvzZHhwmj3q1Kr0yxg77nLTTjzWZ+qLJXOmZpbVOycR79miQ90iPpyugH2zpVyqJwjA2kNjORuCq/i30Fqhj96wkskXNXHb0Xa4OkbZwLRqvd0tcySmU/ZxibIgoFMkQ7vp5NBZtuzYCISKaeeTch4ymJ+g";
const ed25519 = "MIIBIzCB1qADAgECAgEAMAUGAytlcDARMQ8wDQYDVQQKDAZOb2JvZHkwHhcNMjYxMTI0MjEwMjA4WhcNMzYxMTIxMjEwMjA4WjARMQ8wDQYDVQQKDAZOb2JvZHkwKjAFBgMrZXADIQDSbXe6kiCTeUZwJjYpIZmkYl4atf86vXEXaYnMa1rISKNTMFEwHQYDVR0OBBYEFCaHmTjzhim5YDoORePTBpY/EQrHMB8GA1UdIwQYMBaAFCaHmTjzhim5YDoORePTBpY/EQrHMA8GA1UdEwEB/wQFMAMBAf8wBQYDK2VwA0EAdgA2L/hdWbq7ZS/NuTYXx+QUvIogm0YJuJAkJvPmGdwECjrTIrUj/+qoVl/LR+MdET2h2Ai8jMxrsZzfmGC8DQ==";

event zeek_init()
	{
	local c = x509_parse(x509_from_der(decode_base64(ec)));
	print c$version, c$serial; # expect: 3, C0FFEE
	print c$subject;           # expect: CN=www.example.org,CN=first,O=Example,C=XX
	print c$issuer == c$subject, c$cn; # expect: T, www.example.org
	print time_to_double(c$not_valid_before), time_to_double(c$not_valid_after); # expect: 1795554127.0, 2110914127.0
	print c$key_alg, c$key_type, c$key_length, c$curve; # expect: id-ecPublicKey, ecdsa, 256, prime256v1
	print c$sig_alg, c$tbs_sig_alg, c?$exponent; # expect: ecdsa-with-SHA256, ecdsa-with-SHA256, F

	local r = x509_parse(copy(x509_from_der(decode_base64(rsa))));
	print r$serial, r$key_type, r$key_length, r$exponent, r?$curve; # expect: FF01, rsa, 1024, 65537, F
	print r$key_alg, r$sig_alg; # expect: rsaEncryption, sha256WithRSAEncryption

	local e = x509_parse(x509_from_der(decode_base64(ed25519)));
	print e$serial, e$key_alg, e$key_length, e?$key_type, e?$cn; # expect: 00, ED25519, 256, F, F
	}

event zeek_init() &priority=-1
	{
	# What is behind a certificate does not matter; what is missing does.
	local bytes = decode_base64(rsa);
	local longer = x509_from_der(bytes + "more");
	print x509_get_certificate_string(longer) == bytes; # expect: T
	print |x509_get_certificate_string(longer, T)|, x509_get_certificate_string(longer, T)[:27]; # expect: 741, -----BEGIN CERTIFICATE-----
	local shorter = x509_from_der(bytes[:-1]); # error: certificates.zeek, line 31: x509_from_der: these bytes are not a certificate in DER
	print x509_parse(shorter)$version;         # expect: 0
	# error: certificates.zeek, line 32: x509_parse: there is no certificate in this value
	print |x509_get_certificate_string(shorter)|; # expect: 0
	x509_from_der(string_fill(65536, "\x30"));  # error: certificates.zeek, line 35: x509_from_der: these bytes are not a certificate in DER
	x509_from_der(string_fill(65537, "\x30"));  # error: certificates.zeek, line 36: x509_from_der: 65537 bytes are too long for a certificate; at most 65536 are read
	}
