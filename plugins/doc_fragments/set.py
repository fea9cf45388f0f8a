"""Documents the options of modules that keep a set of objects; the table is core/sets/options.py, SET."""

from __future__ import annotations


class ModuleDocFragment:
    """One vocabulary for all sets."""

    DOCUMENTATION = r"""
options:
  set:
    description:
      - The name of the set that the objects make up. What was in the set and is no longer asked for is pruned.
      - The set's parent is the Secret C(groundwork-<set>) in O(namespace), in the ApplySet format of KEP-3659.
      - Modules for one technology have a default made of their O(ignore:name); O(ignore:apply) needs it.
    type: str
  namespace:
    description:
      - The namespace of the set, and of its objects that are in a namespace and name none.
      - A missing namespace is created first when it is an object of the set, and refused otherwise.
    type: str
    required: true
  state:
    description:
      - V(present) brings the set to what is asked for.
      - V(absent) deletes all of it, custom resources first, namespaces last; what holds data only by O(confirm).
    type: str
    choices: [present, absent]
    default: present
  set_labels:
    description: Labels for the set's parent (product, role, environment), each put under C(groundwork.platform/).
    type: dict
    default: {}
  adopt:
    description:
      - What to do with objects that are there already and belong to no set.
      - V(never) refuses, naming them. V(matching) takes over those that have every value asked for.
        V(always) takes over any.
      - An object of another set is always refused.
    type: str
    choices: [never, matching, always]
    default: never
  adopt_from:
    description:
      - Take over objects of a Helm release or of C(kubectl apply), with the fields that tool owns, so that fields
        which are no longer asked for go. Pods are not restarted by it.
      - Release Secrets of Helm stay until O(confirm) names them.
    type: str
    choices: [helm, kubectl]
  preflight:
    description:
      - V(server) lets the server judge all new and changed objects by a dry run before the first is written.
      - V(none) writes at once.
    type: str
    choices: [server, none]
    default: server
  prune:
    description:
      - When objects that are no longer asked for are deleted; never after an error.
      - V(after_ready) means after apply where O(wait=false).
    type: str
    choices: [after_ready, after_apply, never]
    default: after_ready
  take_from:
    description: Field managers from which conflicting fields are taken. A conflict with any other is an error.
    type: list
    elements: str
    default: []
  leave_to:
    description:
      - Fields that others write. They are applied when the object is created and never sent again.
      - Built in are the replicas of what an autoscaler of the set scales, injected certificates (caBundle), and the
        failurePolicy of webhooks.
    type: list
    elements: dict
    default: []
    suboptions:
      kind:
        description: The kind, like C(apps/Deployment) or C(Service).
        type: str
        required: true
      path:
        description: The field, like C(spec.replicas) or C(spec.template.spec.containers[name=app].image).
        type: str
        required: true
  replace:
    description:
      - What to do when an immutable field is to change. V(never) fails and says how.
        V(recreate) deletes the object and creates it anew. V(orphan) does so and keeps its pods.
      - Claims, volumes, namespaces, Secrets and definitions are never replaced.
    type: str
    choices: [never, recreate, orphan]
    default: never
  confirm:
    description:
      - Sentences that allow one irreversible step each. A refusal prints the sentence it needs; it names the object
        and the start of its UID, so that it fits no later object.
    type: list
    elements: str
    default: []
  wait:
    description: Whether to wait until all objects are ready.
    type: bool
    default: true
  timeout:
    description: How long to wait for readiness or for deleted objects to go, in seconds.
    type: int
    default: 600
  retry_timeout:
    description: How long requests that the server could not serve are tried again, in seconds.
    type: int
    default: 120
  failure_grace:
    description:
      - How long a failure that the operator retries may last before it fails the task, in seconds. It counts from the
        moment when anything else that is waited for last got on.
    type: int
    default: 60
  status_grace:
    description: How long to wait for a first status of an object that may have no controller, in seconds.
    type: int
    default: 30
  settle:
    description:
      - How long readiness must hold, in seconds; without it, as long as the kind needs.
    type: int
attributes:
  check_mode:
    description: Judges every object by a server-side dry run where possible, and says how each was judged.
    support: full
  diff_mode:
    description: Shows each object before and after, Secret values masked.
    support: full
  idempotent:
    description: A second run writes nothing.
    support: full
"""
