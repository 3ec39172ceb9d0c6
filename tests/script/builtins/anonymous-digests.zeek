# Addresses made unrecognisable by keyed digests.
global orig_addr_anonymization: IPAddrAnonymization = RANDOM_SHA256;
global resp_addr_anonymization: IPAddrAnonymization = PREFIX_PRESERVING_SHA256;

function common_bits(a: addr, b: addr): count
	{
	local n = 32;
	while ( n > 0 && mask_addr(a, n) != mask_addr(b, n) )
		n -= 1;
	return n;
	}

event zeek_init()
	{
	print anonymize_addr(1.2.3.4, ORIG_ADDR) == anonymize_addr(1.2.3.4, ORIG_ADDR); # expect: T
	print anonymize_addr(1.2.3.4, ORIG_ADDR) == anonymize_addr(1.2.3.5, ORIG_ADDR); # expect: F
	print common_bits(anonymize_addr(1.2.3.4, RESP_ADDR), anonymize_addr(1.2.3.5, RESP_ADDR)); # expect: 31
	print common_bits(anonymize_addr(1.2.3.4, RESP_ADDR), anonymize_addr(1.2.131.4, RESP_ADDR)); # expect: 16
	}
event zeek_init() &priority=-1
	{
	print anonymize_addr([::2], ORIG_ADDR); # error: not supported for IPv6 addresses
	}
