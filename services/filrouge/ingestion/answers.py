"""What the gateway answers, as OpenAPI describes it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Refusal(BaseModel):
    """Why one record was refused; the others are not concerned."""

    index: int = Field(description="Which record of the request, from 0.")
    line: int = Field(description="The line of the body on which it begins, from 1.")
    reason: str = Field(description="For programs; docs/records.md lists them.")
    field: str | None = Field(description="The field at fault, or null for the whole record.")
    detail: str = Field(description="For people: what was seen and what was expected.")


class Receipt(BaseModel):
    """What became of a request's records. Those accepted are on Kafka, acknowledged."""

    accepted: int = Field(description="Records that every replica of Kafka has.")
    refused: int = Field(description="Records that were not taken, each with its reason below.")
    refusals: list[Refusal] = Field(description="In the order of the request.")


class Problem(BaseModel):
    """A problem as RFC 9457 has it."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="For programs: a URN for each kind of problem.")
    title: str = Field(description="The kind in words.")
    status: int = Field(description="The status of the answer.")
    detail: str = Field(description="What was seen, what was expected, and what to do.")
    accepted: int | None = Field(None, description="As in a receipt, where records were read.")
    refused: int | None = Field(None, description="Likewise.")
    refusals: list[Refusal] | None = Field(None, description="Likewise.")


class State(BaseModel):
    """How the gateway is."""

    status: str = Field(description="`ok`.")
