local total, all = 0, ""
for i = 0, 599999 do
  local s = "host-" .. tostring(i) .. ".example"
  total = total + #s
  all = all .. "x"
  if #all == 2000 then
    total = total + #all
    all = ""
  end
end
print(total + #all)
