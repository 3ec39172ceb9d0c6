local sum, i = 0, 0
while i < 10000000 do
  sum = (sum * 31 + i) % 1000003
  i = i + 1
end
print(sum)
