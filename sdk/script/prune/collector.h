#pragma once
// The walk over the trees that fills Effects in. Private to the room: collect.cpp walks what holds
// bodies, expressions.cpp and calls.cpp what stands in them.

#include "sdk/script/prune/effects.h"
#include "sdk/script/prune/natives.h"
#include "sdk/script/syntax/ast.h"

#include <unordered_set>
#include <utility>

namespace bulkhead::prune {

using analysis::Function;
using analysis::Symbol;
using analysis::SymbolKind;
using syntax::as;
using syntax::Expr;
using syntax::Stmt;
using types::Tag;

class Collector {
 public:
  explicit Collector(analysis::Program& program) : program_(program) {}
  Effects run();

 private:
  // ---- collect.cpp
  void canonicalRecords();
  UnitId newUnit(Unit::Kind kind, types::OriginId origin, source::Location at, std::string name);
  void bodies();
  void variables();
  void recordFields();
  void initialValues();
  void inUnit(UnitId unit, const Function* function, const auto& walk) {
    auto outerUnit = std::exchange(current_, unit);
    const auto* outerFunction = std::exchange(function_, function);
    walk();
    current_ = outerUnit;
    function_ = outerFunction;
  }
  UnitId innerUnit(const Function& function);
  void attributesOf(const analysis::AttributeSet& set, analysis::AttributeSet* owner, Place place,
                    const Type* type, types::OriginId origin, source::Location at,
                    const std::string& name);
  void writtenAttributes(std::span<syntax::Attribute* const> written, Place place,
                         const Type* type);
  void joinIndirect();
  Unit& unit() { return out_.units[current_]; }

  // ---- expressions.cpp
  // Notes what evaluating does; answers the place of what comes out.
  Place visit(const Expr* expr);
  Place name(const syntax::NameExpr& name);
  Place assign(const syntax::AssignExpr& assign);
  Place binary(const syntax::BinaryExpr& binary);
  Place construct(const syntax::ConstructorExpr& constructor);
  Place coerce(const syntax::CoerceExpr& coerce);
  // Where a value goes: notes the write and joins `value`, whose node is `node`.
  void store(const Expr* target, Place value, uint32_t node);
  void element(const Expr* operand);
  void visitAll(std::span<Expr* const> exprs);
  // Looks at a value all the way down.
  void deep(const Expr* expr, Place place);
  // A record is made, and those that it begins with inside.
  void make(const types::RecordType& record, int depth = 0);
  // Fields of one record become those of another.
  void coerceRecord(const types::RecordType& from, const types::RecordType& to, int depth);
  // The node of a connection or file record; noNode of anything else.
  uint32_t flowOf(const Expr* expr);
  void flow(uint32_t from, uint32_t to);
  uint32_t nodeOf(const Symbol& symbol);
  bool isKept(const Symbol& symbol) const;
  void statement(const Stmt* stmt);

  // ---- calls.cpp
  Place call(const syntax::CallExpr& call);
  void options(const Symbol& symbol, const syntax::CallExpr& call);
  Place native(const Symbol& symbol, const syntax::CallExpr& call);
  void raise(const syntax::EventCall& event, bool later);
  void take(const Symbol& symbol);
  // A call of the Logging framework by what it means; false if it is none.
  bool logging(const Symbol& symbol, std::span<Expr* const> arguments);
  void createStream(int64_t id, const Expr* stream);
  void passTo(const analysis::Callable& callable, std::span<const Place> places,
              std::span<const uint32_t> nodes);
  void indirect(const Type* type, std::vector<Place> places, std::vector<uint32_t> nodes,
                Place result, uint32_t resultNode);

  // ---- Small things
  static bool isTracked(const Type* type);
  static bool isVolatile(const Type* record, std::string_view field, bool& isFile);
  static bool hasPlace(const Type* type);
  Place placeOf(const Symbol& symbol);
  Place returnPlace(const Function& function);
  uint32_t returnNode(const Function& function);
  uint32_t newNode() { return nodes_++; }
  Cell variable(const Symbol& symbol);
  void reads(Cell cell) { unit().reads.push_back(cell); }
  void writes(Cell cell) { unit().writes.push_back(cell); }
  void readsContents(Place place);
  void writesContents(Place place);

  struct Indirect {
    const types::FuncType* type;
    std::vector<Place> places;
    std::vector<uint32_t> nodes;
    Place result;
    uint32_t resultNode;
  };

  analysis::Program& program_;
  Effects out_;
  UnitId current_ = noUnit;
  const Function* function_ = nullptr;
  std::unordered_map<const Symbol*, uint32_t> symbols_;
  std::unordered_map<const Symbol*, Place> symbolPlaces_;
  std::unordered_map<const Symbol*, uint32_t> symbolNodes_;
  std::unordered_map<const Function*, Place> returnPlaces_;
  std::unordered_map<const Function*, uint32_t> returnNodes_;
  std::unordered_map<const Function*, UnitId> functionUnits_;
  std::unordered_map<const Type*, std::vector<UnitId>> fieldValues_;  // by record type
  std::unordered_set<const Function*> takenFunctions_;  // bodies of functions taken, and lambdas
  std::unordered_set<const Symbol*> captured_;          // inner symbols of closures
  std::vector<Indirect> indirect_;
  std::unordered_set<const Symbol*> assigned_;  // locals, parameters
  // Change handlers of options, with the unit that registers each.
  std::vector<std::pair<UnitId, const Function*>> ifAssigned_;
  Place optionValues_ = noPlace;  // containers that options with change handlers may hold
  uint32_t nodes_ = 2;
};

}  // namespace bulkhead::prune
