#pragma once
// The interface of native functions: script functions whose body is C++.
//
// Each one is declared once, as a NativeRow in a table of its file: the prototype in script syntax
// is what the driver hands to the parser, the function is what the Vm calls. Rows are constant
// data; state lives in extensions of the Vm (Vm::extension), never in globals.
//
// A native function runs on the Vm's thread. What the script did wrong is reported through fail()
// or warn(), never thrown; it returns right after fail(). Arguments are borrowed for the length of
// the call; results are handed over owned.
//
//   void nativeToUpper(NativeCall& call) {
//     std::string text(call.text(0));
//     for (char& c : text) c = toUpper(c);
//     call.returnText(text);
//   }
//   constexpr NativeRow rows[] = {
//     {"to_upper", "function(str: string): string", "The string with letters a to z in upper
//     case.",
//      nativeToUpper},
//   };

#include "sdk/script/vm/table.h"
#include "sdk/script/vm/value.h"

#include <span>
#include <string>
#include <string_view>

namespace bulkhead::vm {

class Vm;
class NativeCall;

using NativeFunction = void (*)(NativeCall& call);

struct NativeRow {
  // With its module: "Log::__write". Without one it is global.
  std::string_view name;
  // A function type in script syntax. `...` after the last parameter takes any number of arguments
  // of any type; they arrive unboxed, each with its static type.
  std::string_view prototype;
  // One or more sentences for the reference; our own words.
  std::string_view doc;
  NativeFunction function;
};

// A host answer that a `when` waits for. See NativeCall::defer.
using AsyncToken = uint64_t;

class NativeCall {
 public:
  NativeCall(Vm& vm, const types::FuncType& type, std::span<const TypedSlot> arguments)
      : vm_(vm), type_(type), arguments_(arguments) {}
  NativeCall(const NativeCall&) = delete;
  NativeCall& operator=(const NativeCall&) = delete;

  Vm& vm() { return vm_; }
  Heap& heap();
  const types::FuncType& functionType() const { return type_; }

  // ---- Arguments, from 0. The typed readers assert that the prototype says so.
  size_t argumentCount() const { return arguments_.size(); }
  bool boolean(size_t i) const { return arguments_[i].slot.boolean(); }
  uint64_t count(size_t i) const { return arguments_[i].slot.count; }
  int64_t integer(size_t i) const { return arguments_[i].slot.integer; }
  // double, time, interval
  double real(size_t i) const { return arguments_[i].slot.real; }
  std::string_view text(size_t i) const { return textOf(arguments_[i].slot); }
  IpAddr addr(size_t i) const { return addrOf(arguments_[i].slot); }
  Subnet subnet(size_t i) const { return subnetOf(arguments_[i].slot); }
  Port port(size_t i) const { return arguments_[i].slot.port(); }
  int64_t enumeration(size_t i) const { return arguments_[i].slot.integer; }
  CompiledPattern& pattern(size_t i) const { return *patternOf(arguments_[i].slot).pattern; }
  RecordObject& record(size_t i) const { return recordOf(arguments_[i].slot); }
  VectorObject& vector(size_t i) const { return vectorOf(arguments_[i].slot); }
  TableObject& table(size_t i) const { return tableOf(arguments_[i].slot); }
  FunctionObject& function(size_t i) const { return functionOf(arguments_[i].slot); }
  FileObject& file(size_t i) const { return fileOf(arguments_[i].slot); }
  OpaqueObject& opaque(size_t i) const { return opaqueOf(arguments_[i].slot); }
  const Type* typeValue(size_t i) const { return arguments_[i].slot.type(); }
  // The argument with its dynamic type: for a parameter of type `any` and for variadic ones this is
  // what the caller passed, boxes taken off.
  TypedSlot any(size_t i) const { return unboxed(arguments_[i]); }
  Slot slot(size_t i) const { return arguments_[i].slot; }

  // ---- The result. Exactly one of these, unless the prototype has none or fail() was called.
  void returnBool(bool v) {
    result_ = Slot::ofBool(v);
    returned_ = true;
  }
  void returnCount(uint64_t v) {
    result_ = Slot::ofCount(v);
    returned_ = true;
  }
  void returnInt(int64_t v) {
    result_ = Slot::ofInt(v);
    returned_ = true;
  }
  // double, time, interval
  void returnReal(double v) {
    result_ = Slot::ofReal(v);
    returned_ = true;
  }
  void returnEnum(int64_t v) {
    result_ = Slot::ofInt(v);
    returned_ = true;
  }
  void returnPort(Port v) {
    result_ = Slot::ofPort(v);
    returned_ = true;
  }
  // Fails the call at the heap's hard limit.
  void returnText(std::string_view v);
  void returnAddr(const IpAddr& v);
  void returnSubnet(const Subnet& v);
  // Takes over one count; null (unset) fails the call at the heap's hard limit.
  void returnObject(Object* v);
  template <typename T>
  void returnRef(Ref<T> v) {
    returnObject(v.take().object);
  }
  // For results of type `any` (boxed here) and for passing a value on.
  void returnValue(Value v);
  // Owned slot of exactly the result type.
  void returnSlot(Slot v) {
    result_ = v;
    returned_ = true;
  }

  // ---- Errors
  // A run-time error at the calling expression: the handler that led here is abandoned.
  void fail(std::string message);
  // The same, told at the place where `function` is written.
  void failIn(const FunctionObject& function, std::string message);
  // As fail(), but without a report: the script asked to leave (exit()).
  void abandon() { failed_ = true; }
  // A message of severity error at the calling expression; the script goes on with the result. If
  // none is returned and it would be more than a number, the statement that wants it is left out;
  // one that declares a variable takes the handler with it.
  void warn(std::string message);
  // As warn(), of severity warning.
  void caution(std::string message);
  bool failed() const { return failed_; }

  // ---- Calling back
  // Calls a function value. Empty with failed() set if it was abandoned (already reported: return
  // at once) — and empty, not failed, for a function without a result. For a hook the result is
  // whether it ran to the end without `break`.
  // Arguments and the result (if `wanted` is given) are converted where the function's types
  // differ: one that cannot be fails the call.
  Value invoke(FunctionObject& function, std::span<const TypedSlot> arguments,
               const Type* wanted = nullptr);
  // The same, for a caller who knows that the function takes just these types.
  Value invokeChecked(FunctionObject& function, std::span<const Slot> arguments);

  // ---- Answers that come later
  // Only inside the condition of a `when` (false elsewhere: the caller fails with its own words).
  // The condition is given up for now and looked at again after Vm::complete(token, value); this
  // call is then answered with that value without running the native function again.
  bool canDefer() const;
  AsyncToken defer();

  // Adds to the instruction budget's account, for work that grows with the input.
  void charge(uint64_t instructions);

  // Used by the Vm.
  struct Outcome {
    Slot result;
    bool returned, failed, deferred, complained;
  };
  Outcome outcome() const { return {result_, returned_, failed_, deferred_, complained_}; }

 private:
  Vm& vm_;
  const types::FuncType& type_;
  std::span<const TypedSlot> arguments_;
  Slot result_ = Slot::unset();
  bool returned_ = false;
  bool failed_ = false;
  bool deferred_ = false;
  bool complained_ = false;
};

}  // namespace bulkhead::vm
