local line = "alpha,beta,gamma,delta,epsilon,zeta,eta,theta"
local total = 0
for _ = 1, 150000 do
  local parts = {}
  for part in string.gmatch(line, "[^,]+") do parts[#parts + 1] = part end
  total = total + #parts + #table.concat(parts, ";")
end
print(total)
