#include "tests/fuzz/programs/write.h"

#include <cinttypes>
#include <cstdio>
#include <utility>

namespace bulkhead::programs {
namespace {

const char* const colourNames[colours] = {"RED", "GREEN", "BLUE"};

class Writer {
 public:
  explicit Writer(Program& program) : program_(program) {}

  std::string all() {
    line("type Colour: enum { RED, GREEN, BLUE };");
    for (const Record& record : program_.records) {
      std::string text = "type " + record.name + ": record {";
      for (const Field& field : record.fields) {
        text += " " + field.name + ": " + type(field.type);
        if (field.hasDefault) text += " &default=" + expr(field.initial);
        if (field.optional) text += " &optional";
        text += ";";
      }
      line(text + " };");
    }
    for (const Type& type : program_.types)
      if (type.kind >= Kind::vector && type.kind <= Kind::table)
        line("type " + alias(&type) + ": " + this->type(&type) + ";");
    // All names first: bodies may use any of them.
    for (const Handlers& event : program_.events)
      if (event.name != "zeek_init")
        line("global " + event.name + ": " + "event(" + parameters(event.parameters) + ");");
    for (const Handlers& hook : program_.hooks)
      line("global " + hook.name + ": " + "hook(" + parameters(hook.parameters) + ");");
    for (size_t index : program_.functions) {
      const Body& body = program_.bodies[index];
      line("global " + body.name + ": function(" + parameters(parameterTypes(body)) + ")" +
           result(body.result) + ";");
    }
    for (const Global& global : program_.globals) {
      std::string text = "global " + global.name + ": " + type(global.type);
      if (global.hasInitial) text += " = " + expr(global.initial);
      if (global.hasDefault) text += " &default=" + expr(global.otherwise);
      line(text + ";");
    }
    for (size_t index : program_.functions) body(program_.bodies[index]);
    for (const Handlers& hook : program_.hooks)
      for (size_t index : hook.bodies) body(program_.bodies[index]);
    for (const Handlers& event : program_.events)
      for (size_t index : event.bodies) body(program_.bodies[index]);
    return std::move(out_);
  }

 private:
  void line(const std::string& text) {
    if (around_.size() > 1) {
      out_ += text + " ";
      return;
    }
    out_.append(static_cast<size_t>(depth_) * 2, ' ');
    out_ += text + "\n";
    ++lines_;
  }

  std::string type(const Type* type) {
    auto list = [&](size_t end) {
      std::string text;
      for (size_t i = 0; i < end; ++i) text += (i > 0 ? ", " : "") + this->type(type->parts[i]);
      return text;
    };
    switch (type->kind) {
      case Kind::nothing:
        return "";
      case Kind::boolean:
        return "bool";
      case Kind::count:
        return "count";
      case Kind::integer:
        return "int";
      case Kind::real:
        return "double";
      case Kind::string:
        return "string";
      case Kind::colour:
        return "Colour";
      case Kind::any:
        return "any";
      case Kind::vector:
        return "vector of " + this->type(type->parts[0]);
      case Kind::set:
        return "set[" + list(type->parts.size()) + "]";
      case Kind::table:
        return "table[" + list(type->parts.size() - 1) + "] of " + this->type(type->parts.back());
      case Kind::record:
        return program_.records[type->record].name;
      case Kind::function: {
        std::vector<const Type*> takes(type->parts.begin(), type->parts.end() - 1);
        return "function(" + parameters(takes) + ")" + result(type->parts.back());
      }
    }
    return "";
  }
  // For its constructor: an empty one would have no type otherwise.
  std::string alias(const Type* type) {
    size_t number = 0;
    while (&program_.types[number] != type) ++number;
    return "T" + std::to_string(number);
  }
  std::string result(const Type* type) {
    return type->kind == Kind::nothing ? "" : ": " + this->type(type);
  }
  static std::vector<const Type*> parameterTypes(const Body& body) {
    std::vector<const Type*> types;
    for (size_t i = 0; i < body.parameters; ++i) types.push_back(body.locals[i].type);
    return types;
  }
  // Of a declaration or a type. Bodies of events and functions have the same names.
  std::string parameters(const std::vector<const Type*>& types) {
    std::string text;
    for (size_t i = 0; i < types.size(); ++i)
      text += (i > 0 ? ", p" : "p") + std::to_string(i) + ": " + type(types[i]);
    return text;
  }
  std::string parameters(const Body& body) {
    std::string text;
    for (size_t i = 0; i < body.parameters; ++i)
      text += (i > 0 ? ", " : "") + body.locals[i].name + ": " + type(body.locals[i].type);
    return text;
  }

  static std::string literal(const Expr& expr) {
    char buffer[64];
    switch (expr.type->kind) {
      case Kind::boolean:
        return expr.number != 0 ? "T" : "F";
      case Kind::count:
        return std::to_string(expr.number);
      case Kind::integer:
        std::snprintf(buffer, sizeof buffer, "(%+" PRId64 ")", static_cast<int64_t>(expr.number));
        return buffer;
      case Kind::real:
        std::snprintf(buffer, sizeof buffer, "%.3f", expr.real);
        return expr.real < 0 ? "(" + std::string(buffer) + ")" : buffer;
      case Kind::string:
        return "\"" + expr.text + "\"";
      default:
        return colourNames[expr.number];
    }
  }

  std::string list(const std::vector<Expr>& args, size_t begin, size_t end) {
    std::string text;
    for (size_t i = begin; i < end; ++i) text += (i > begin ? ", " : "") + expr(args[i]);
    return text;
  }

  // Of a set or table: `[a, b]`, or `a` alone where one key needs no brackets.
  std::string keys(const std::vector<Expr>& args, size_t begin, size_t count, bool always) {
    std::string text = list(args, begin, begin + count);
    return always || count > 1 ? "[" + text + "]" : text;
  }

  std::string expr(const Expr& e) {
    auto arg = [&](size_t i) { return expr(e.args[i]); };
    auto two = [&](const char* sign) { return "(" + arg(0) + " " + sign + " " + arg(1) + ")"; };
    switch (e.op) {
      case Op::literal:
        return literal(e);
      case Op::local:
        return around_.back()->locals[e.index].name;
      case Op::global:
        return program_.globals[e.index].name;
      case Op::add:
        return two("+");
      case Op::subtract:
      case Op::without:
        return two("-");
      case Op::multiply:
        return two("*");
      case Op::divide:
        return two("/");
      case Op::modulo:
        return two("%");
      case Op::bitAnd:
      case Op::intersect:
        return two("&");
      case Op::bitOr:
      case Op::unite:
        return two("|");
      case Op::bitXor:
        return two("^");
      case Op::shiftLeft:
        return two("<<");
      case Op::shiftRight:
        return two(">>");
      case Op::less:
        return two("<");
      case Op::lessEqual:
      case Op::subset:
        return two("<=");
      case Op::greater:
        return two(">");
      case Op::greaterEqual:
        return two(">=");
      case Op::equal:
        return two("==");
      case Op::notEqual:
        return two("!=");
      case Op::both:
        return two("&&");
      case Op::either:
        return two("||");
      case Op::negate:
        return "(- " + arg(0) + ")";
      case Op::opposite:
        return "(! " + arg(0) + ")";
      case Op::complement:
        return "(~ " + arg(0) + ")";
      case Op::size:
        return "(|" + arg(0) + "|)";
      case Op::increment:
        return "(++" + arg(0) + ")";
      case Op::decrement:
        return "(--" + arg(0) + ")";
      case Op::assign:
        return two("=");
      case Op::addTo:
        return two("+=");
      case Op::promote:
      case Op::toAny:
        return arg(0);
      case Op::copy:
        return "copy(" + arg(0) + ")";
      case Op::toUpper:
        return "to_upper(" + arg(0) + ")";
      case Op::cast:
        return "(" + arg(0) + " as " + type(e.type) + ")";
      case Op::isType:
        return "(" + arg(0) + " is " + type(e.which) + ")";
      case Op::hasField:
        return "(" + arg(0) + "?$" + fieldName(e) + ")";
      case Op::field:
        return arg(0) + "$" + fieldName(e);
      case Op::choose:
        return "(" + arg(0) + " ? " + arg(1) + " : " + arg(2) + ")";
      case Op::call:
        return program_.bodies[e.index].name + "(" + list(e.args, 0, e.args.size()) + ")";
      case Op::callValue:
        return arg(0) + "(" + list(e.args, 1, e.args.size()) + ")";
      case Op::callHook:
        return "(hook " + program_.hooks[e.index].name + "(" + list(e.args, 0, e.args.size()) +
               "))";
      case Op::named:
        return program_.bodies[e.index].name;
      case Op::lambda:
        return lambda(program_.bodies[e.index]);
      case Op::cat:
        return "cat(" + list(e.args, 0, e.args.size()) + ")";
      case Op::at:
        return arg(0) + keys(e.args, 1, e.args.size() - 1, true);
      case Op::slice:
        return arg(0) + "[" + arg(1) + " : " + arg(2) + "]";
      case Op::in:
        return "(" + keys(e.args, 0, e.args.size() - 1, false) + " in " + expr(e.args.back()) + ")";
      case Op::makeVector:
        return e.args.empty() ? alias(e.type) + "()"
                              : "vector(" + list(e.args, 0, e.args.size()) + ")";
      case Op::makeSet: {
        if (e.args.empty()) return alias(e.type) + "()";
        const size_t stride = e.type->parts.size();
        std::string text = "set(";
        for (size_t i = 0; i < e.args.size(); i += stride)
          text += (i > 0 ? ", " : "") + keys(e.args, i, stride, false);
        return text + ")";
      }
      case Op::makeTable: {
        if (e.args.empty()) return alias(e.type) + "()";
        const size_t stride = e.type->parts.size();
        std::string text = "table(";
        for (size_t i = 0; i < e.args.size(); i += stride)
          text +=
              (i > 0 ? ", " : "") + keys(e.args, i, stride - 1, true) + " = " + arg(i + stride - 1);
        return text + ")";
      }
      case Op::makeRecord: {
        const Record& record = program_.records[e.type->record];
        std::string text = record.name + "(";
        for (size_t i = 0; i < e.args.size(); ++i)
          text += (i > 0 ? ", $" : "$") + record.fields[e.fields[i]].name + "=" + arg(i);
        return text + ")";
      }
    }
    return "";
  }

  const std::string& fieldName(const Expr& e) {
    return program_.records[e.args[0].type->record].fields[e.index].name;
  }

  // All of it is on the line that is being written, so that an error in it has that line.
  std::string lambda(Body& body) {
    std::string text = "function";
    for (size_t i = 0; i < body.captures.size(); ++i) {
      const Capture& capture = body.captures[i];
      text += i == 0 ? "[" : ", ";
      text += (capture.copied ? "copy " : "") + around_.back()->locals[capture.outer].name;
    }
    if (!body.captures.empty()) text += "]";
    text += "(" + parameters(body) + ")" + result(body.result) + " {";
    const std::string before = std::exchange(out_, {});
    around_.push_back(&body);
    block(text, body.steps);
    around_.pop_back();
    return std::exchange(out_, before) + "}";
  }

  void body(Body& body) {
    static const char* const words[] = {"function ", "", "event ", "hook "};
    std::string head = words[static_cast<size_t>(body.role)] + body.name + "(" + parameters(body) +
                       ")" + result(body.result);
    if (body.priority != 0) head += " &priority=" + std::to_string(body.priority);
    around_.front() = &body;
    block(head + " {", body.steps);
    line("}");
  }

  void block(const std::string& head, std::vector<Stmt>& steps) {
    line(head);
    ++depth_;
    for (Stmt& step : steps) this->step(step);
    --depth_;
  }

  void step(Stmt& s) {
    s.line = lines_ + 1;
    auto arg = [&](size_t i) { return expr(s.exprs[i]); };
    switch (s.step) {
      case Step::print:
        return line("print " + list(s.exprs, 0, s.exprs.size()) + ";");
      case Step::evaluate:
        return line(arg(0) + ";");
      case Step::declare: {
        const Local& local = around_.back()->locals[s.index];
        std::string text = "local " + local.name + ": " + type(local.type);
        if (!s.exprs.empty()) text += " = " + arg(0);
        return line(text + ";");
      }
      case Step::assign:
      case Step::addTo:
      case Step::subtractFrom: {
        const char* sign = s.step == Step::assign ? " = " : s.step == Step::addTo ? " += " : " -= ";
        std::string target = arg(0);
        return line(target + sign + arg(1) + ";");
      }
      case Step::insert:
        return line("add " + arg(0) + ";");
      case Step::remove:
        return line("delete " + arg(0) + ";");
      case Step::branch:
        block("if (" + arg(0) + ") {", s.body);
        if (!s.otherwise.empty()) block("} else {", s.otherwise);
        return line("}");
      case Step::repeat:
        block("while (" + arg(0) + ") {", s.body);
        return line("}");
      case Step::each: {
        const bool isTable = s.exprs[0].type->kind == Kind::table;
        const size_t keys = s.locals.size() - (isTable ? 1 : 0);
        std::string names;
        for (size_t i = 0; i < s.locals.size(); ++i) {
          if (i > 0) names += ", ";
          names += around_.back()->locals[s.locals[i]].name;
          if (i + 1 == keys && keys > 1) names = "[" + names + "]";
        }
        block("for (" + names + " in " + arg(0) + ") {", s.body);
        return line("}");
      }
      case Step::select:
        line("switch (" + arg(0) + ") {");
        for (Case& one : s.cases) {
          block(one.labels.empty() ? "default:"
                                   : "case " + list(one.labels, 0, one.labels.size()) + ":",
                one.body);
          ++depth_;
          line(one.falls ? "fallthrough;" : "break;");
          --depth_;
        }
        return line("}");
      case Step::give:
        return line(s.exprs.empty() ? "return;" : "return " + arg(0) + ";");
      case Step::leave:
        return line("break;");
      case Step::next:
        return line("next;");
      case Step::raise:
        return line("event " + program_.events[s.index].name + "(" +
                    list(s.exprs, 0, s.exprs.size()) + ");");
    }
  }

  Program& program_;
  // What is being written, innermost last. The first is the declaration or body of a function,
  // event or hook; those below are lambdas.
  std::vector<Body*> around_ = {nullptr};
  std::string out_;
  int lines_ = 0;
  int depth_ = 0;
};

}  // namespace

std::string write(Program& program) { return Writer(program).all(); }

}  // namespace bulkhead::programs
