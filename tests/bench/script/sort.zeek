# 100,000 numbers sorted by a function, from the same disorder, three times.
event zeek_init()
	{
	local check = 0;
	local round = 0;

	while ( round < 3 )
		{
		local numbers: vector of count;
		local x = 12345;
		local i = 0;

		while ( i < 100000 )
			{
			x = (x * 1103515245 + 12345) % 2147483648;
			numbers[i] = x;
			++i;
			}

		sort(numbers, function(a: count, b: count): int { return a < b ? -1 : (a > b ? 1 : 0); });
		check += numbers[0] + numbers[50000] + numbers[99999];
		++round;
		}

	print check;
	}
