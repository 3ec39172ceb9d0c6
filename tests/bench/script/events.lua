local total, queue, first, last = 0, {}, 1, 0
local handlers
local function raise(n, name)
  last = last + 1
  queue[last] = { n, name }
end
handlers = {
  function(_, name) total = total + #name end,
  function(n, _) total = total + n end,
  function(n, name) if n > 0 then raise(n - 1, name) end end,
  function() total = total % 1000003 end,
}
raise(300000, "some name")
while first <= last do
  local event = queue[first]
  queue[first] = nil
  first = first + 1
  for _, handler in ipairs(handlers) do handler(event[1], event[2]) end
end
print(total)
