// What the drawing tools say, in Swedish. Names of events are made of their parts.

const KINDS = {
  Message: 'Meddelande', Timer: 'Tidpunkt', Conditional: 'Villkor', Signal: 'Signal', Error: 'Fel', Escalation: 'Eskalering',
  Compensation: 'Kompensation', Link: 'Länk', Cancel: 'Avbrott', Terminate: 'Avsluta allt',
};
const PLACES = {
  'start event': 'starthändelse', 'end event': 'sluthändelse', 'boundary event': 'kanthändelse',
  'intermediate catch event': 'väntande händelse', 'intermediate throw event': 'utlösande händelse',
};
const EVENT = new RegExp(`^(Append )?(?:(${Object.keys(KINDS).join('|')}) )?(${Object.keys(PLACES).join('|')})( \\(non-interrupting\\))?$`, 'i');

const WORDS = {
  'Activate hand tool': 'Flytta ritytan',
  'Activate lasso tool': 'Välj flera',
  'Activate create/remove space tool': 'Skapa eller ta bort utrymme',
  'Activate global connect tool': 'Dra en koppling',
  'Create start event': 'Starthändelse',
  'Create intermediate/boundary event': 'Mellanliggande händelse eller kanthändelse',
  'Create end event': 'Sluthändelse',
  'Create gateway': 'Vägval',
  'Create task': 'Uppgift',
  'Create expanded sub-process': 'Del av flödet',
  'Create data object reference': 'Dataobjekt',
  'Create data store reference': 'Datalager',
  'Create pool/participant': 'Bassäng med banor',
  'Create group': 'Grupp',
  'Append gateway': 'Lägg till vägval',
  'Append task': 'Lägg till uppgift',
  'Append receive task': 'Lägg till mottagande uppgift',
  'Append compensation activity': 'Lägg till kompenserande uppgift',
  'Append intermediate/boundary event': 'Lägg till händelse',
  'Add text annotation': 'Lägg till anteckning',
  'Add lane above': 'Lägg till bana ovanför',
  'Add lane below': 'Lägg till bana nedanför',
  'Divide into two lanes': 'Dela i två banor',
  'Divide into three lanes': 'Dela i tre banor',
  'Align elements': 'Rada upp',
  'Align elements ': 'Rada upp ',
  'Distribute elements horizontally': 'Fördela vågrätt',
  'Distribute elements vertically': 'Fördela lodrätt',
  'Connect to other element': 'Koppla till ett annat element',
  'Connect using association': 'Koppla med en association',
  'Connect using data input association': 'Koppla data',
  'Change element': 'Ändra element',
  'Delete': 'Ta bort',
  'Open minimap': 'Översiktskarta',
  'Close minimap': 'Stäng översiktskartan',
  'Open {element}': 'Öppna {element}',
  'Search': 'Sök',
  'Search in diagram': 'Sök i flödet',
  'Toggle non-interrupting': 'Avbryter inte',
  'Loop': 'Slinga',
  'Parallel multi-instance': 'En för varje, samtidigt',
  'Sequential multi-instance': 'En för varje, i tur och ordning',
  'Collection': 'Samling',
  'Participant multiplicity': 'Flera deltagare',
  'Task': 'Uppgift',
  'User task': 'Uppgift för en person',
  'Manual task': 'Uppgift utanför systemet',
  'Service task': 'Automatisk uppgift',
  'Script task': 'Skript',
  'Send task': 'Skicka meddelande',
  'Receive task': 'Vänta på meddelande',
  'Business rule task': 'Beslutstabell',
  'Call activity': 'Ett annat flöde',
  'Transaction': 'Transaktion',
  'Sub-process': 'Del av flödet',
  'Sub-process (collapsed)': 'Del av flödet (hopfälld)',
  'Sub-process (expanded)': 'Del av flödet (utfälld)',
  'Event sub-process': 'Del som en händelse startar',
  'Ad-hoc sub-process': 'Del i fri ordning',
  'Ad-hoc sub-process (collapsed)': 'Del i fri ordning (hopfälld)',
  'Ad-hoc sub-process (expanded)': 'Del i fri ordning (utfälld)',
  'Exclusive gateway': 'En av flera vägar',
  'Inclusive gateway': 'Några av flera vägar',
  'Parallel gateway': 'Alla vägar samtidigt',
  'Complex gateway': 'Sammansatt vägval',
  'Event-based gateway': 'Det som händer först',
  'Sequence flow': 'Koppling',
  'Default flow': 'Väg när inget annat gäller',
  'Conditional flow': 'Väg med villkor',
  'Data object reference': 'Dataobjekt',
  'Data store reference': 'Datalager',
  'Empty pool/participant': 'Bassäng utan innehåll',
  'Expanded pool/participant': 'Bassäng med innehåll',
};

function swedish(text) {
  if (text in WORDS) return WORDS[text];
  const [, append, kind, place, lasting] = EVENT.exec(text) ?? [];
  if (!place) return text;
  const said = [kind && `${KINDS[kind[0].toUpperCase() + kind.slice(1)]},`, PLACES[place.toLowerCase()], lasting && '(avbryter inte)']
    .filter(Boolean).join(' ');
  return append ? `Lägg till: ${said}` : said[0].toUpperCase() + said.slice(1);
}

function translate(text, replacements = {}) {
  return swedish(text).replace(/{([^}]+)}/g, (whole, name) => replacements[name] ?? whole);
}

export default {translate: ['value', translate]};
