// The JSON Schema that ships with the manual describes what diff-schedule writes.
#include <algorithm>
#include <stdexcept>
#include <string>

#include "lib/schedule/grids/grid.hpp"
#include "lib/schedule/schedule_json.hpp"
#include "lib/schedule/transform.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

bool has_type(const Json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "number") return value.is_number();
  if (type == "integer") return value.is_number_integer();
  throw std::runtime_error("the schema has a type this test does not know: " + type);
}

/// The keywords of JSON Schema (draft 2020-12) that the schema uses; any other is a
/// failure, so that none is ignored.
class Schema {
 public:
  explicit Schema(Json root) : root_(std::move(root)) {}

  bool accepts(const Json& value) const { return accepts(value, root_); }

 private:
  bool accepts(const Json& value, const Json& schema) const {
    return std::ranges::all_of(schema.items(), [&](const auto& keyword) {
      return holds(value, keyword.key(), keyword.value(), schema);
    });
  }

  bool holds(const Json& value, const std::string& keyword, const Json& rule,
             const Json& schema) const {
    const auto fits = [&](const Json& alternative) { return accepts(value, alternative); };
    if (keyword == "$schema" || keyword == "title" || keyword == "$defs") return true;
    if (keyword == "$ref") return fits(root_.at(pointer(rule)));
    if (keyword == "const") return value == rule;
    if (keyword == "enum") return std::ranges::find(rule, value) != rule.end();
    if (keyword == "anyOf") return std::ranges::any_of(rule, fits);
    if (keyword == "oneOf") return std::ranges::count_if(rule, fits) == 1;
    if (keyword == "type") return type_fits(value, rule);
    if (keyword == "minimum") return !value.is_number() || value >= rule;
    if (keyword == "maximum") return !value.is_number() || value <= rule;
    if (keyword == "minItems") return !value.is_array() || value.size() >= rule;
    if (keyword == "minLength")
      return !value.is_string() || value.get<std::string>().size() >= rule;
    if (keyword == "items") return !value.is_array() || all_accepted(value, rule);
    if (keyword == "required") return !value.is_object() || has_all(value, rule);
    if (keyword == "properties") return !value.is_object() || properties_fit(value, rule);
    if (keyword == "additionalProperties" && !schema.contains("properties"))
      return !value.is_object() || all_accepted(value, rule);
    throw std::runtime_error("the schema has a keyword this test does not know: " + keyword);
  }

  static bool has_all(const Json& value, const Json& keys) {
    return std::ranges::all_of(
        keys, [&](const Json& key) { return value.contains(key.get<std::string>()); });
  }

  bool properties_fit(const Json& value, const Json& properties) const {
    return std::ranges::all_of(properties.items(), [&](const auto& property) {
      return !value.contains(property.key()) || accepts(value[property.key()], property.value());
    });
  }

  bool all_accepted(const Json& values, const Json& schema) const {
    return std::ranges::all_of(values, [&](const Json& each) { return accepts(each, schema); });
  }

  static bool type_fits(const Json& value, const Json& types) {
    if (types.is_string()) return has_type(value, types);
    return std::ranges::any_of(types, [&](const Json& type) { return has_type(value, type); });
  }

  static Json::json_pointer pointer(const std::string& reference) {
    return Json::json_pointer(reference.substr(1));
  }

  Json root_;
};

Schema shipped_schema() {
  return Schema(
      read_json(std::string(TEST_DATA_DIR) + "/../../man/diffusion-schedule.schema.json"));
}

/// As a reader of the file sees it.
Json written(const Schedule& schedule) {
  return parse_json(to_text(schedule_to_json(schedule)), "written");
}

}  // namespace

TEST_CASE("every schedule family fits the JSON Schema", "[docs][schedule]") {
  const Schema schema = shipped_schema();
  for (const ScheduleInfo& row : schedules())
    for (const int steps : {1, 2, 1000}) {
      CAPTURE(row.name, steps);
      CHECK(schema.accepts(written(make_schedule(row.name, steps))));
    }
}

TEST_CASE("respaced and custom schedules fit the JSON Schema", "[docs][schedule]") {
  const Schema schema = shipped_schema();
  const Schedule cosine = make_schedule("cosine");
  for (const GridInfo& row : grids()) {
    CAPTURE(row.name);
    CHECK(schema.accepts(written(respaced(cosine, make_grid(row.name, cosine, 20)))));
  }
  CHECK(schema.accepts(written(with_zero_terminal_snr(cosine))));
  CHECK(schema.accepts(written(shifted(make_schedule("flow"), -2))));
  CHECK(schema.accepts(written(from_betas({0.0, 0.5, 1.0}))));  // an infinite first SNR
  CHECK(schema.accepts(written(from_sigmas(Path::straight, {0.5, 1}))));
  for (const char* spec : {"custom:betas=0.1:0.2", "custom:sigmas=0.1:9", "linear:scale=1000/T",
                           "karras:timestep=c_noise", "piecewise:process=flow"}) {
    CAPTURE(spec);
    CHECK(schema.accepts(written(make_schedule(spec))));
  }
}

TEST_CASE("the JSON Schema refuses what is no schedule", "[docs][schedule]") {
  const Schema schema = shipped_schema();
  const Json good = written(make_schedule("linear", 3));
  for (const auto& [key, value] : good.items()) {
    CAPTURE(key);
    Json without = good;
    without.erase(key);
    CHECK_FALSE(schema.accepts(without));
    Json wrong = good;
    wrong[key] = nullptr;
    CHECK_FALSE(schema.accepts(wrong));
  }
  const auto refused = [&](const char* key, const Json& value) {
    CAPTURE(key, value.dump());
    Json bad = good;
    bad[key] = value;
    CHECK_FALSE(schema.accepts(bad));
  };
  refused("version", 2);
  refused("process", "ve");
  refused("T", 0);
  refused("T", 2.5);
  refused("betas", Json::array());
  refused("betas", {0.1, 1.5, 0.2});
  refused("snr", {1, "NaN", 2});
  refused("params", {{"s", Json::array()}});
  CHECK(schema.accepts(good));
}
