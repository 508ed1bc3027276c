//! Conditions: what a `not`, an `if` or a `contains` refuses is at no edge of another keyword, and is shown all the same.
#![allow(clippy::unwrap_used, clippy::panic, clippy::needless_pass_by_value)]

use openapi_drift::{Verdict, compare};
use serde_json::{Value, json};

fn document(schema: &Value) -> Value {
    json!({
        "openapi": "3.1.0",
        "paths": {"/t": {"post": {
            "requestBody": {"required": true, "content": {"application/json": {"schema": {
                "type": "object", "required": ["z"], "properties": {"z": schema}
            }}}},
            "responses": {"204": {"description": "done"}}
        }}}
    })
}

fn with(schema: &Value, condition: &Value) -> Value {
    let mut both = schema.clone();
    both.as_object_mut()
        .unwrap()
        .extend(condition.as_object().unwrap().clone());
    both
}

/// The witness of a condition that was added, or made stricter.
fn witness(old: &Value, new: &Value) -> Value {
    let report = compare(&document(old), &document(new)).unwrap();
    assert_eq!(report.verdict, Verdict::Breaking, "{new}");
    let shown = report
        .changes
        .iter()
        .find_map(|change| change.witness.as_ref());
    let shown = shown.unwrap_or_else(|| panic!("{new}: {:?}", report.changes));
    assert_eq!(report.unknown, 0, "{new}");
    shown.instance["z"].clone()
}

#[test]
fn what_a_condition_refuses_is_shown() {
    let object = json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}});
    let open = json!({"type": "object"});
    let list = json!({"type": "array", "items": {"type": "string"}});
    let text = json!({"type": "string"});
    let if_q = json!({"properties": {"a": {"const": "q"}}, "required": ["a"]});
    for (schema, condition, shown) in [
        (&text, json!({"not": {"const": "ab"}}), json!("ab")),
        (
            &json!({"not": {"type": "string"}}),
            json!({"not": {"type": ["string", "null"]}}),
            Value::Null,
        ),
        (&text, json!({"not": {"pattern": "^z"}}), json!("z")),
        (
            &json!({"type": "integer"}),
            json!({"not": {"const": 42}}),
            json!(42),
        ),
        (
            &object,
            json!({"not": {"required": ["a", "b"]}}),
            json!({"a": "a", "b": 1}),
        ),
        (&object, json!({"not": if_q}), json!({"a": "q"})),
        (
            &list,
            json!({"not": {"contains": {"const": "bad"}}}),
            json!(["bad"]),
        ),
        (
            &list,
            json!({"contains": {"const": "bad"}, "minContains": 0, "maxContains": 0}),
            json!(["bad"]),
        ),
        (
            &object,
            json!({"if": if_q, "then": {"required": ["b"]}}),
            json!({"a": "q"}),
        ),
        (
            &object,
            json!({"if": if_q, "then": {"properties": {"b": {"minimum": 9}}}}),
            json!({"a": "q", "b": 1}),
        ),
        (
            &object,
            json!({"dependentSchemas": {"a": {"properties": {"b": {"maximum": 3}}}}}),
            json!({"a": "a", "b": 4}),
        ),
        (
            &open,
            json!({"propertyNames": {"pattern": "^x"}}),
            json!({"0": "a"}),
        ),
        (
            &open,
            json!({"propertyNames": {"not": {"const": "secret"}}}),
            json!({"secret": "a"}),
        ),
        (
            &open,
            json!({"not": {"required": ["secret"]}}),
            json!({"secret": "a"}),
        ),
    ] {
        assert_eq!(
            witness(schema, &with(schema, &condition)),
            shown,
            "{condition}"
        );
    }
}

#[test]
fn a_condition_that_became_stricter_is_shown_too() {
    let object = json!({"type": "object", "properties": {"a": {"enum": ["p", "q", "r"]}, "b": {"type": "integer"}}});
    let when = |values: Value, least: u32| {
        with(
            &object,
            &json!({"if": {"properties": {"a": {"enum": values}}, "required": ["a"]}, "then": {"properties": {"b": {"minimum": least}}}}),
        )
    };
    for (old, new) in [
        (when(json!(["q"]), 5), when(json!(["q"]), 7)),
        (when(json!(["q"]), 5), when(json!(["q", "r"]), 5)),
    ] {
        assert!(witness(&old, &new).is_object());
        let report = compare(&document(&new), &document(&old)).unwrap();
        assert_eq!(report.unknown, 0, "{:?}", report.changes);
    }
}

#[test]
fn what_is_owed_once_another_is_there_can_be_said_in_four_ways() {
    let object =
        json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}});
    let ways = [
        json!({"dependentRequired": {"a": ["b"]}}),
        json!({"dependentSchemas": {"a": {"required": ["b"]}}}),
        json!({"dependencies": {"a": ["b"]}}),
        json!({"if": {"required": ["a"]}, "then": {"required": ["b"]}}),
    ];
    for way in &ways {
        let owing = document(&with(&object, way));
        let report = compare(&document(&with(&object, &ways[0])), &owing).unwrap();
        assert_eq!(report.verdict, Verdict::Equivalent, "{way}");
        assert_eq!(witness(&object, &with(&object, way)), json!({"a": "a"}));
    }
    // To say more beside it narrows, and only that.
    let more = json!({"dependentSchemas": {"a": {"required": ["b"], "maxProperties": 2}}});
    let (less, more) = (
        document(&with(&object, &ways[0])),
        document(&with(&object, &more)),
    );
    let told = |old, new| {
        let report = compare(old, new).unwrap();
        let rules = report.changes.into_iter().map(|change| change.rule);
        (report.verdict, rules.collect::<Vec<_>>())
    };
    assert_eq!(
        told(&less, &more),
        (Verdict::Breaking, vec!["condition".to_owned()])
    );
    assert_eq!(
        told(&more, &less),
        (Verdict::Compatible, vec!["condition".to_owned()])
    );
}

#[test]
fn a_condition_without_a_consequence_asks_for_nothing() {
    let object = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    for idle in [
        json!({"if": {"required": ["a"]}}),
        json!({"then": {"required": ["a"]}}),
    ] {
        let report = compare(&document(&object), &document(&with(&object, &idle))).unwrap();
        assert_eq!(report.verdict, Verdict::DocsOnly, "{idle}");
    }
    // What is neither here nor there is no demand, however many values fall under it.
    let if_a = json!({"if": {"required": ["a"]}});
    let then = with(&if_a, &json!({"then": {"required": ["b"]}}));
    assert_eq!(
        witness(&with(&object, &if_a), &with(&object, &then)),
        json!({"a": "a"})
    );
}

#[test]
fn members_of_which_some_are_owed_are_one_change() {
    let one = json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}, "c": {"type": "string"}}});
    let any = json!({"anyOf": [{"required": ["a"]}, {"required": ["b", "c"]}]});
    let exact = json!({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]});
    let (any, exact) = (with(&one, &any), with(&one, &exact));
    let sure = with(&one, &json!({"required": ["a"]}));
    for (old, new, verdict, summary, shown) in [
        (
            &one,
            &any,
            "breaking",
            "at least one of a, b with c is owed in z now",
            Some(json!({})),
        ),
        (
            &any,
            &one,
            "compatible",
            "at least one of a, b with c is no longer owed in z",
            None,
        ),
        (
            &one,
            &exact,
            "breaking",
            "exactly one of a, b is owed in z now",
            Some(json!({})),
        ),
        (
            &exact,
            &one,
            "compatible",
            "exactly one of a, b is no longer owed in z",
            None,
        ),
        (
            &any,
            &sure,
            "breaking",
            "a became required",
            Some(json!({"b": "a", "c": "a"})),
        ),
        (&sure, &any, "compatible", "a became optional", None),
    ] {
        let report = compare(&document(old), &document(new)).unwrap();
        let [change] = report.changes.as_slice() else {
            panic!("{old} {new}: {:?}", report.changes);
        };
        assert_eq!(
            (change.verdict.as_str(), change.summary.as_str()),
            (verdict, summary)
        );
        let witness = change.witness.as_ref();
        assert_eq!(witness.map(|witness| witness.instance["z"].clone()), shown);
        assert_eq!(report.unknown, 0);
    }
}

#[test]
fn a_member_that_is_declared_under_a_not_is_a_demand() {
    let object = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let never = |schema: Value| with(&object, &json!({"not": schema}));
    let both = never(json!({"required": ["a"], "properties": {"a": {"const": "x"}}}));
    let any = never(json!({"required": ["a"]}));
    assert_eq!(witness(&both, &any), json!({"a": "a"}));
    let eased = compare(&document(&any), &document(&both)).unwrap();
    assert_eq!(eased.verdict, Verdict::Compatible);
}

#[test]
fn what_speaks_of_all_members_leaves_none_unevaluated() {
    let object = |extra: Value| json!({"type": "object", "additionalProperties": extra, "unevaluatedProperties": false});
    let closed = json!({"type": "object", "additionalProperties": false});
    let texts = object(json!({"type": "string"}));
    assert_eq!(witness(&texts, &closed).as_object().unwrap().len(), 1);
    let open = compare(
        &document(&json!({"type": "object"})),
        &document(&object(json!(true))),
    );
    assert_eq!(open.unwrap().verdict, Verdict::Equivalent);
}

#[test]
fn a_demand_that_is_met_in_one_place_is_looked_at_in_the_others() {
    let closed = json!({"type": "object", "additionalProperties": false, "properties": {"ab": {"type": "string"}}});
    let open = json!({"type": "object"});
    let both = |demand: Value| {
        let holder =
            |meta: &Value| json!({"type": "object", "properties": {"meta": with(meta, &demand)}});
        json!({"type": "object", "properties": {"a": holder(&closed), "b": holder(&open)}})
    };
    let shown = witness(
        &both(json!({})),
        &both(json!({"propertyNames": {"maxLength": 3}})),
    );
    assert_eq!(shown["b"]["meta"].as_object().unwrap().len(), 1, "{shown}");
    let met = both(json!({"maxProperties": 1}));
    let shown = witness(&both(json!({})), &met);
    assert_eq!(shown["b"]["meta"].as_object().unwrap().len(), 2, "{shown}");
}
