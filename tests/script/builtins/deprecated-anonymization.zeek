# Ways of making addresses anonymous that rest on MD5 say what to use instead.
global outdated: IPAddrAnonymization = RANDOM_MD5; # error: use RANDOM_SHA256
