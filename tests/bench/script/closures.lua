local function adder(by)
  return function(n) return n + by end
end
local total = 0
for i = 0, 399999 do
  local f = adder(i % 10)
  total = f(f(f(f(total)))) % 1000003
end
print(total)
