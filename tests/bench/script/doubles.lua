local inside, row = 0, 0.0
while row < 300.0 do
  local column = 0.0
  while column < 300.0 do
    local cr, ci = column / 150.0 - 1.5, row / 150.0 - 1.0
    local zr, zi, steps = 0.0, 0.0, 0
    while steps < 100 and zr * zr + zi * zi < 4.0 do
      local next_r = zr * zr - zi * zi + cr
      zi = 2.0 * zr * zi + ci
      zr = next_r
      steps = steps + 1
    end
    if steps == 100 then inside = inside + 1 end
    column = column + 1.0
  end
  row = row + 1.0
end
print(inside)
