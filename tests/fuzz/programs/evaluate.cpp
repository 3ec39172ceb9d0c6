#include "tests/fuzz/programs/evaluator.h"

#include <algorithm>

namespace bulkhead::programs {

std::string Evaluator::all() {
  for (const Global& global : program_.globals) {
    globals_.push_back(global.hasInitial ? literal(global.initial) : initial(global.type));
    if (global.hasDefault)
      std::get<std::shared_ptr<Table>>(globals_.back())->otherwise = &global.otherwise;
  }
  queue_.push_back({0, {}});
  for (size_t i = 0; i < queue_.size(); ++i) {
    const Queued queued = queue_[i];
    for (size_t body : inOrder(program_.events[queued.event])) {
      try {
        run(program_.bodies[body], queued.arguments, nullptr);
      } catch (const Abandoned&) {
        frames_.clear();
        print("! " + std::to_string(line_) + "\n");
      }
    }
  }
  return std::move(out_);
}

void Evaluator::print(const std::string& text) {
  out_ += text;
  if (out_.size() > maxPrinted) throw TooMuch();
}

std::vector<size_t> Evaluator::inOrder(const Handlers& handlers) const {
  std::vector<size_t> bodies = handlers.bodies;
  std::stable_sort(bodies.begin(), bodies.end(), [&](size_t a, size_t b) {
    return program_.bodies[a].priority > program_.bodies[b].priority;
  });
  return bodies;
}

Value Evaluator::run(const Body& body, std::vector<Value> arguments,
                     std::shared_ptr<Closure> closure) {
  if (frames_.size() >= maxCallDepth) throw TooMuch();
  Frame frame{&body, std::move(arguments), std::move(closure), {}};
  frame.locals.resize(body.locals.size());
  frames_.push_back(std::move(frame));
  const int line = line_;
  flow_ = steps(body.steps);
  line_ = line;
  Value result = std::move(frames_.back().result);
  frames_.pop_back();
  return result;
}

Value Evaluator::callHook(size_t index, const std::vector<Value>& arguments) {
  for (size_t body : inOrder(program_.hooks[index])) {
    run(program_.bodies[body], arguments, nullptr);
    if (flow_ == Flow::leave) return false;
  }
  return true;
}

Value& Evaluator::localPlace(size_t index) {
  const auto& captures = frame().body->captures;
  for (size_t i = 0; i < captures.size(); ++i)
    if (captures[i].own == index) return frame().closure->captured[i];
  return frame().locals[index];
}

Value Evaluator::known(const Value& value) {
  if (std::holds_alternative<std::monostate>(value)) fail();
  return value;
}

void Evaluator::assign(const Expr& to, Value value) {
  switch (to.op) {
    case Op::local:
      localPlace(to.index) = std::move(value);
      return;
    case Op::global:
      globals_[to.index] = std::move(value);
      return;
    case Op::field: {
      Value record = this->value(to.args[0]);
      std::get<std::shared_ptr<Fields>>(record)->values[to.index] = std::move(value);
      return;
    }
    default: {
      std::vector<Value> a = values(to.args, 0, to.args.size());
      put(*std::get<std::shared_ptr<Table>>(a[0]), {a.begin() + 1, a.end()}, std::move(value));
      return;
    }
  }
}

Flow Evaluator::steps(const std::vector<Stmt>& all) {
  for (const Stmt& s : all) {
    tick();
    const Flow flow = step(s);
    if (flow != Flow::on) return flow;
  }
  return Flow::on;
}

Flow Evaluator::step(const Stmt& s) {
  line_ = s.line;
  switch (s.step) {
    case Step::print: {
      std::string text;
      std::vector<Value> all = values(s.exprs, 0, s.exprs.size());
      for (size_t i = 0; i < s.exprs.size(); ++i) {
        std::string one;
        describe(one, s.exprs[i].type, all[i]);
        text += (i > 0 ? ", " : "") + one;
      }
      print(text + "\n");
      return Flow::on;
    }
    case Step::evaluate:
      value(s.exprs[0]);
      return Flow::on;
    case Step::declare: {
      Value first =
          s.exprs.empty() ? initial(frame().body->locals[s.index].type) : value(s.exprs[0]);
      localPlace(s.index) = std::move(first);
      return Flow::on;
    }
    case Step::assign: {
      Value now = value(s.exprs[1]);
      assign(s.exprs[0], std::move(now));
      return Flow::on;
    }
    case Step::addTo:
    case Step::subtractFrom:
      addTo(s);
      return Flow::on;
    case Step::insert: {
      std::vector<Value> a = values(s.exprs[0].args, 0, s.exprs[0].args.size());
      put(*std::get<std::shared_ptr<Table>>(a[0]), {a.begin() + 1, a.end()}, {});
      return Flow::on;
    }
    case Step::remove:
      remove(s.exprs[0]);
      return Flow::on;
    case Step::branch:
      return steps(std::get<bool>(value(s.exprs[0])) ? s.body : s.otherwise);
    case Step::repeat:
      while (true) {
        tick();
        line_ = s.line;
        if (!std::get<bool>(value(s.exprs[0]))) return Flow::on;
        const Flow flow = steps(s.body);
        if (flow == Flow::leave) return Flow::on;
        if (flow == Flow::give) return flow;
      }
    case Step::each:
      return each(s);
    case Step::select:
      return select(s);
    case Step::give:
      if (!s.exprs.empty()) {
        Value result = value(s.exprs[0]);
        frame().result = std::move(result);
      }
      return Flow::give;
    case Step::leave:
      return Flow::leave;
    case Step::next:
      return Flow::next;
    case Step::raise: {
      std::vector<Value> arguments = values(s.exprs, 0, s.exprs.size());
      if (queue_.size() >= maxEvents) throw TooMuch();
      queue_.push_back({s.index, std::move(arguments)});
      return Flow::on;
    }
  }
  return Flow::on;
}

void Evaluator::addTo(const Stmt& s) {
  Value target = value(s.exprs[0]);
  Value more = value(s.exprs[1]);
  if (auto* vector = std::get_if<std::shared_ptr<Vector>>(&target)) {
    auto& elements = (*vector)->elements;
    if (s.exprs[1].type == s.exprs[0].type) {
      const std::vector<Value> added = std::get<std::shared_ptr<Vector>>(more)->elements;
      elements.insert(elements.end(), added.begin(), added.end());
    } else {
      elements.push_back(std::move(more));
    }
    bounded(elements.size());
    return;
  }
  if (auto* set = std::get_if<std::shared_ptr<Table>>(&target)) {
    const std::vector<Entry> entries = std::get<std::shared_ptr<Table>>(more)->entries;
    for (const Entry& entry : entries) {
      if (entry.gone) continue;
      if (s.step == Step::addTo) {
        put(**set, entry.keys, {});
      } else {
        erase(**set, entry.keys);
      }
    }
    return;
  }
  assign(s.exprs[0], arithmetic(s.step == Step::addTo ? Op::add : Op::subtract, target, more));
}

void Evaluator::remove(const Expr& e) {
  if (e.op == Op::field) {
    Value record = value(e.args[0]);
    std::get<std::shared_ptr<Fields>>(record)->values[e.index] = {};
    return;
  }
  if (e.op != Op::at) {
    Value all = value(e);
    Table& table = *std::get<std::shared_ptr<Table>>(all);
    for (Entry& entry : table.entries) entry.gone = true;
    table.places.clear();
    return;
  }
  std::vector<Value> a = values(e.args, 0, e.args.size());
  erase(*std::get<std::shared_ptr<Table>>(a[0]), {a.begin() + 1, a.end()});
}

Flow Evaluator::each(const Stmt& s) {
  const Value over = value(s.exprs[0]);
  const auto* vector = std::get_if<std::shared_ptr<Vector>>(&over);
  const auto* table = std::get_if<std::shared_ptr<Table>>(&over);
  const size_t end = vector != nullptr ? (*vector)->elements.size() : (*table)->entries.size();
  for (size_t i = 0; i < end; ++i) {
    tick();
    if (vector != nullptr) {
      if (i >= (*vector)->elements.size()) break;
      localPlace(s.locals[0]) = uint64_t{i};
    } else {
      const Entry& entry = (*table)->entries[i];
      if (entry.gone) continue;
      for (size_t k = 0; k < s.locals.size(); ++k)
        localPlace(s.locals[k]) = k < entry.keys.size() ? entry.keys[k] : entry.value;
    }
    const Flow flow = steps(s.body);
    if (flow == Flow::leave) break;
    if (flow == Flow::give) return flow;
  }
  return Flow::on;
}

Flow Evaluator::select(const Stmt& s) {
  const Value subject = value(s.exprs[0]);
  size_t at = s.cases.size();
  for (size_t i = 0; i < s.cases.size() && at == s.cases.size(); ++i)
    for (const Expr& label : s.cases[i].labels)
      if (literal(label) == subject) at = i;
  for (size_t i = 0; i < s.cases.size() && at == s.cases.size(); ++i)
    if (s.cases[i].labels.empty()) at = i;
  for (; at < s.cases.size(); ++at) {
    const Flow flow = steps(s.cases[at].body);
    if (flow == Flow::leave) return Flow::on;
    if (flow != Flow::on) return flow;
    if (!s.cases[at].falls) break;
  }
  return Flow::on;
}

std::optional<std::string> evaluate(const Program& program) {
  try {
    return Evaluator(program).all();
  } catch (const TooMuch&) {
    return std::nullopt;
  }
}

}  // namespace bulkhead::programs
