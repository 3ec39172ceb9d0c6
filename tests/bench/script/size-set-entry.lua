numbers = {}
for i = 0, 999999 do numbers[i * 7 + (1 << 40)] = true end
print(1000000)
