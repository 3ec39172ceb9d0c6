# Points of the Mandelbrot set in a 300 by 300 grid.
event zeek_init()
	{
	local inside = 0;
	local row = 0.0;

	while ( row < 300.0 )
		{
		local column = 0.0;

		while ( column < 300.0 )
			{
			local cr = column / 150.0 - 1.5;
			local ci = row / 150.0 - 1.0;
			local zr = 0.0;
			local zi = 0.0;
			local steps = 0;

			while ( steps < 100 && zr * zr + zi * zi < 4.0 )
				{
				local next_r = zr * zr - zi * zi + cr;
				zi = 2.0 * zr * zi + ci;
				zr = next_r;
				++steps;
				}

			if ( steps == 100 )
				++inside;

			column += 1.0;
			}

		row += 1.0;
		}

	print inside;
	}
