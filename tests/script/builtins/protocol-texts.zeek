# Texts of protocols.
event zeek_init()
	{
	print parse_ftp_port("10,0,0,1,4,31"); # expect: [h=10.0.0.1, p=1055/tcp, valid=T]
	print parse_ftp_port("10,0,0,256,4,31")$valid, parse_ftp_port("10,0,0")$valid; # expect: F, F
	print parse_eftp_port("|2|2001:db8::1|21|"); # expect: [h=2001:db8::1, p=21/tcp, valid=T]
	print parse_eftp_port("|1|10.0.0.1|65536|")$valid, parse_eftp_port("|1|10.0.0.1|65535|")$valid; # expect: F, T
	print parse_eftp_port("")$valid, parse_eftp_port("|")$valid; # expect: F, F
	print parse_ftp_pasv("227 Entering Passive Mode (10,0,0,1,4,31)."); # expect: [h=10.0.0.1, p=1055/tcp, valid=T]
	print parse_ftp_pasv("227 at 10,0,0,1,4,31")$p, parse_ftp_pasv("227")$valid; # expect: 1055/tcp, F
	print parse_ftp_epsv("229 Extended (|||6446|)"); # expect: [h=::, p=6446/tcp, valid=T]
	print fmt_ftp_port(10.0.0.1, 1055/tcp); # expect: 10,0,0,1,4,31
	print routing0_data_to_addrs("\x00\x00\x00\x00" + string_cat("\x20\x01", "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01")); # expect: [2001::1]
	print parse_distinguished_name("0\x0f1\x0d0\x0b\x06\x03U\x04\x03\x0c\x04a,b;"); # expect: CN=a\,b\;
	print |parse_distinguished_name("0\xff\xff")|; # expect: 0
	print x509_check_hostname("WWW.example.org", "*.example.org"), x509_check_hostname("www.example.org", "w*w.example.org"); # expect: T, T
	print x509_check_hostname("a.b.example.org", "*.example.org"), x509_check_hostname("example.org", "*.org"); # expect: F, F
	print x509_check_hostname("x.example.org", "*.*.org"), x509_check_hostname("x\x00.example.org", "*.example.org"); # expect: F, F
	}
