local check = 0
for _ = 1, 3 do
  local numbers, x = {}, 12345
  for i = 1, 100000 do
    x = (x * 1103515245 + 12345) % 2147483648
    numbers[i] = x
  end
  table.sort(numbers, function(a, b) return a < b end)
  check = check + numbers[1] + numbers[50001] + numbers[100000]
end
print(check)
